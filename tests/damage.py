"""Damaged ext2 images: a whole one, spoilt by a seed where a file system looks.

    whole = whole_image(path, block_size=1024)
    path.write_bytes(damaged(whole.read_bytes(), seed))
"""

from __future__ import annotations

import functools
import random
import stat
import struct
from pathlib import Path

from grading.disk import make_image
from grading.tree import Tree, file, folder, symlink

SIZE = "2M"
INODES, INODE_SIZE = 64, 128
EDGES = [0, 1, 2, 11, 12, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def whole_image(path: Path, block_size: int) -> Path:
    """An image with something of every kind: folders small and large, files with indirect blocks
    of two levels, links of both kinds, holes."""
    tree: Tree = {f"/many/f{n}": file(str(n)) for n in range(12)}
    tree |= {f"/many/{n}{'long-name' * 20}": file("") for n in range(6)}
    tree |= {
        "/etc/motd": file("welcome\n"),
        "/bin/tool": file(bytes(range(256)) * 100, 0o755),
        "/bin/link": symlink("tool"),
        "/long": symlink("x" * 300),
        "/home/deep/er/and/deeper": folder(0o700),
        "/home/deep/er/file": file("zz" * 3000),
        "/large": file(b"0123456789abcdef" * (25 * 1024)),
    }
    make_image(path, SIZE, tree, block_size=block_size, inode_size=INODE_SIZE, inodes=INODES)
    return path


@functools.lru_cache(maxsize=4)
def _areas(image: bytes) -> list[tuple[int, int]]:
    """Where a whole image, of one group, keeps what a file system believes, as (first byte, behind the
    last); the inodes in use, folders and numbers of blocks several times, as they are hit most."""
    size = 1024 << struct.unpack_from("<I", image, 1024 + 24)[0]
    groups = (1024 // size + 1) * size
    block_bitmap, inode_bitmap, table = struct.unpack_from("<III", image, groups)
    areas = [(1024, 1024 + 264), (groups, groups + 32), (0, len(image))]
    areas += [(block_bitmap * size, block_bitmap * size + 64), (inode_bitmap * size, inode_bitmap * size + 16)]
    for at in range(table * size, table * size + INODE_SIZE * INODES, INODE_SIZE):
        mode = struct.unpack_from("<H", image, at)[0]
        blocks = struct.unpack_from("<15I", image, at + 40)
        if not mode or at == table * size + INODE_SIZE * 6:  # that of the resize feature
            continue
        areas.append((at, at + INODE_SIZE))
        if stat.S_ISDIR(mode):
            areas += [(at, at + INODE_SIZE)] + 2 * [(blocks[0] * size, (blocks[0] + 1) * size)]
        elif stat.S_ISREG(mode):
            areas += [(block * size, block * size + 64) for block in blocks[12:] if block]
    return areas


def damaged(image: bytes, seed: int) -> bytes:
    """A copy with one to a dozen places spoilt, mostly where it is not zero."""
    rng = random.Random(seed)
    spoilt = bytearray(image)
    areas = _areas(image)
    for _ in range(rng.choice([1, 1, 2, 3, 5, 12])):
        first, last = rng.choice(areas)
        at = rng.randrange(first, last - 8)
        for _ in range(2000):
            if image[at]:
                break
            at = rng.randrange(first, last - 8)
        _hit(spoilt, image, at, rng)
    return bytes(spoilt)


def _hit(spoilt: bytearray, image: bytes, at: int, rng: random.Random) -> None:
    kind = rng.randrange(6)
    if kind == 0:
        spoilt[at] = rng.randrange(256)
    elif kind == 1:
        spoilt[at] ^= 1 << rng.randrange(8)
    elif kind == 2:
        count = rng.randrange(1, 9)
        spoilt[at : at + count] = bytes([rng.choice([0, 255])]) * count
    elif kind == 3:
        other = rng.randrange(len(image) - 4)
        spoilt[at : at + 4] = image[other : other + 4]
    elif kind == 4:
        at &= ~3
        struct.pack_into("<I", spoilt, at, rng.choice([*EDGES, rng.randrange(2048)]))
    else:
        at &= ~1
        struct.pack_into("<H", spoilt, at, rng.choice(EDGES) & 0xFFFF)
