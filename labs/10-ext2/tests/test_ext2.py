"""Lab 10, exercises 1 to 5: what a disk is, and how its files grow and shrink.

Images are made by mke2fs and judged by e2fsck and debugfs, operations by their answers.
"""

from __future__ import annotations

import errno
import random
import struct
from pathlib import Path

import pytest
from ext2_host import Tool, blocks_of, change, header, inode_number, mode_of
from ext2_script import BLOCKS, Script, error_name, pattern, random_name, summed
from ext2_superblocks import spoilt_superblocks

from grading.disk import make_image
from grading.tree import Tree, file
from grading.tree import folder as directory
from labs.grade import check


def sizes(rng: random.Random, block: int) -> list[int]:
    """Sizes of files around the places where the way to a block gets one level longer."""
    edges = [1, 12, 12 + block // 4, 12 + block // 4 + 3]
    return [max(0, edge * block + rng.choice([-1, 0, 1, -rng.randrange(block)])) for edge in edges]


# --- exercise 1 -----------------------------------------------------------------------------------


@pytest.mark.points(3, exercise=1)
def test_a_disk_says_what_it_is(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Disks of many shapes are mounted, and statfs tells their numbers."""
    for block in rng.sample(BLOCKS, 2):
        image = folder / f"disk{block}.img"
        size, inodes = f"{rng.randrange(3000, 30000, 4)}k", rng.randrange(100, 3000)
        inode_size = rng.choice([128, 256])
        make_image(image, size, block_size=block, inode_size=inode_size, inodes=inodes)
        numbers, script = header(image), Script()
        script.ask("statfs 0", (0, block))
        script.ask("statfs 2", (0, numbers["Free blocks"]))
        script.ask("statfs 3", (0, numbers["Inode count"]))
        script.ask("statfs 4", (0, numbers["Free inodes"]))
        tool.play(image, script, f"mke2fs made {size} with blocks of {block} bytes", "ro")


@pytest.mark.points(1, exercise=1)
def test_a_disk_of_the_first_revision(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Revision 0 has inodes of 128 bytes; what later stands in its superblock means nothing."""
    image = folder / "disk.img"
    size, inodes = f"{rng.randrange(3000, 9000, 4)}k", rng.randrange(100, 900)
    shape = {"block_size": 1024, "inode_size": 128, "inodes": inodes, "features": "none"}
    make_image(image, size, extra=("-r", "0"), **shape)
    data = bytearray(image.read_bytes())
    struct.pack_into("<IH", data, 1024 + 84, rng.getrandbits(32), 2 * rng.randrange(1 << 15) + 1)
    image.write_bytes(data)
    numbers, script = header(image), Script()
    script.ask("statfs 3", (0, numbers["Inode count"]))
    script.ask("statfs 4", (0, numbers["Free inodes"]))
    tool.play(image, script, "EXT2_GOOD_OLD_REV: the size of inodes and the first one are fixed", "ro")


@pytest.mark.points(3, exercise=1)
def test_what_is_no_ext2_is_refused(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A superblock that cannot be right is an error of mount, and the kernel goes on."""
    good = folder / "good.img"
    make_image(good, "2M", block_size=1024, inode_size=128, inodes=128)
    cases = spoilt_superblocks(rng, good.read_bytes())
    for first in range(0, len(cases), 6):
        images = []
        for number, (_, _, fields) in enumerate(cases[first : first + 6], start=first):
            data = bytearray(good.read_bytes())
            for at, (form, value) in fields.items():
                struct.pack_into(form, data, 1024 + at, value)
            images.append(folder / f"disk{number}.img")
            images[-1].write_bytes(data)
        errors = tool.mounts(images)
        for (what, expected, fields), seen in zip(cases[first:], errors):
            value = next(iter(fields.values()))[1]
            text = f"mount, where {what} is {value} (an errno)"
            check(text, seen=error_name(seen), expected=error_name(expected))


# --- exercise 2 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=2)
def test_a_long_directory_is_listed(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Every name of a root directory that needs an indirect block is there."""
    image = folder / "disk.img"
    tree: Tree = {f"/{random_name(rng, 90)}{n}": file() for n in range(rng.randrange(350, 500))}
    make_image(image, "8M", tree, block_size=1024)
    script = Script(tree)
    script.do("list", "/")
    tool.play(image, script, "from block 12 on the way leads over i_block[12]", "ro")


@pytest.mark.points(5, exercise=2)
def test_names_lead_to_inodes(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Each name leads to its inode, wherever it stands; a name that is nearly there does not."""
    block = rng.choice(BLOCKS)
    image = folder / "disk.img"
    names = [random_name(rng, 120) for _ in range(rng.randrange(150, 250))]
    tree: Tree = {"/d": directory()} | {f"/d/{name}": file() for name in names}
    make_image(image, "8M", tree, block_size=block)
    script, numbers = Script(tree), {}
    for name in rng.sample(names, 12):
        path = f"/d/{name}"
        numbers[path] = inode_number(image, path)
        word = 1 << 48 | mode_of(tree[path]) << 32 | numbers[path]
        script.ask(f"stat {path}", (0, word))
        for wrong in (name[:-1], name + "x", name[:-1] + "_"):
            if wrong and wrong not in names:
                script.do("size", f"/d/{wrong}")
    tool.play(image, script, "a name is its length and all of its bytes, in any block", "ro")


# --- exercise 3 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=3)
def test_reads_what_the_host_wrote(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Files of all sizes, with holes, read as the host wrote them."""
    for block in BLOCKS:
        image = folder / f"disk{block}.img"
        lengths = enumerate(sizes(rng, block))
        tree: Tree = {f"/f{n}": file(rng.randbytes(size)) for n, size in lengths}
        hole = bytearray(rng.randrange(20, 40) * block)
        for _ in range(3):
            at = rng.randrange(len(hole) // block) * block
            hole[at : at + block] = rng.randbytes(block)
        tree["/holes"] = file(bytes(hole))
        if block == 1024:
            deep = bytes(600 * 1024) + rng.randbytes(700)
            tree["/deep"] = file(deep)
        make_image(image, "24M", tree, block_size=block)
        script = Script(tree)
        for path, node in tree.items():
            script.do("read", path, 0, 1 << 30)
            script.do("read", path, rng.randrange(len(node.data) + 1), rng.randrange(9000))
        tool.play(image, script, "a hole reads as zeroes; each run has its own place", "ro")


@pytest.mark.points(2, exercise=3)
def test_what_cannot_be_right_is_damage(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A block that is no file's, and an entry without a length, are EUCLEAN; the rest is read."""
    image = folder / "disk.img"
    tree: Tree = {"/d": directory(), "/f": file(rng.randbytes(9000)), "/g": file(rng.randbytes(9000))}
    tree |= {f"/d/{n}": file() for n in range(5)} | {"/r": file(b"reserved")}
    make_image(image, "8M", tree, block_size=1024)
    change(image, "set_inode_field /f block[0] 1", f"set_inode_field /f block[6] {1 << 22}")
    # Behind superblock and descriptors stand blocks for more descriptors.
    reserved = 3 + rng.randrange(header(image)["Reserved GDT blocks"])
    change(image, f"set_inode_field /r block[0] {reserved}")
    data = bytearray(image.read_bytes())
    struct.pack_into("<H", data, blocks_of(image, "/d")[0] * 1024 + 12 + 4, 0)  # the length of ".."
    image.write_bytes(data)
    script = Script(tree)
    script.ask("read /f 0 100", (errno.EUCLEAN, None))
    script.ask("read /f 6144 100", (errno.EUCLEAN, None))
    script.ask("read /r 0 100", (errno.EUCLEAN, None))
    script.ask(f"size /d/{rng.randrange(5)}", (errno.EUCLEAN, None))
    script.ask("size /d/none", (errno.EUCLEAN, None))
    script.do("read", "/g", 0, 9000)
    tool.ask(image, script, "what the disk says is checked where it is used", "ro")


# --- exercise 4 -----------------------------------------------------------------------------------


@pytest.mark.points(7, exercise=4)
def test_files_grow(tool: Tool, folder: Path, rng: random.Random) -> None:
    """What is written stands where it should, holes between, up to the double-indirect edge."""
    for block in BLOCKS:
        image = folder / f"disk{block}.img"
        tree: Tree = {f"/f{n}": file() for n in range(5)}
        make_image(image, "24M", tree, block_size=block)
        script = Script(tree)
        for n, size in enumerate(sizes(rng, block)):
            for at, count in (
                (max(0, size - 2), rng.randrange(3, 3 * block)),
                (rng.randrange(size + 1), rng.randrange(1, 900)),
            ):
                script.do("write", f"/f{n}", at, count, rng.randrange(99))
        script.do("write", "/f4", 0, rng.randrange(13, 18) * block, rng.randrange(99))
        script.do("read", "/f3", 0, 1 << 30)
        tool.play(image, script, "bitmap, both counters, i_blocks and the branch go together")


@pytest.mark.points(3, exercise=4)
def test_blocks_lie_near(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A file's blocks lie side by side in its inode's group; where that is full, in another."""
    image, names = folder / "disk.img", [f"/f{n}" for n in range(50)]
    tree: Tree = {name: file() for name in names}
    make_image(image, "10M", tree, block_size=1024, inode_size=128, inodes=160, extra=("-g", "1024"))
    numbers, script = header(image), Script(tree)
    each = numbers["Inodes per group"]
    home = {name: (inode_number(image, name) - 1) // each for name in names}
    chosen = rng.sample(names, 6)
    for name in chosen:
        script.do("write", name, 0, rng.randrange(13, 40) * 1024, rng.randrange(99))
    # A group becomes full, and a file that wants to begin there has to go on.
    others = [name for name in names if name not in chosen]
    first = rng.choice(others[:20])
    second = next(name for name in others if name != first and home[name] == home[first])
    script.do("write", first, 0, 1100 * 1024, rng.randrange(99))
    script.do("write", second, 0, rng.randrange(5000, 9000), rng.randrange(99))
    why = "from the goal to the end of its group, then the other groups in order"
    tool.play(image, script, why)
    for name in chosen:
        blocks = blocks_of(tool.left, name)
        groups = sorted({(block - 1) // numbers["Blocks per group"] for block in blocks})
        what = f"the groups of the blocks of {name}, whose inode is in group {home[name]}"
        check(what, seen=groups, expected=[home[name]], why=why)
        row = list(range(blocks[0], blocks[0] + len(blocks)))
        check(f"the blocks of {name}", seen=blocks, expected=row, why=why)


# --- exercise 5 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=5)
def test_files_shrink(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A file cut anywhere gives its blocks back, indirect ones too, and keeps what stays."""
    for block in BLOCKS:
        image = folder / f"disk{block}.img"
        long = (12 + block // 4 + 20) * block
        tree: Tree = {f"/f{n}": file(rng.randbytes(long)) for n in range(5)}
        make_image(image, "36M", tree, block_size=block)
        script = Script(tree)
        script.do("truncate", "/f4", 0)
        for n, size in enumerate(sizes(rng, block)):
            script.do("truncate", f"/f{n}", size)
            script.do("size", f"/f{n}")
            script.do("truncate", f"/f{n}", size + rng.randrange(3 * block))
            script.do("read", f"/f{n}", max(0, size - 50), 1 << 20)
        tool.play(image, script, "an indirect block goes when all that it leads to goes")


@pytest.mark.points(2, exercise=5)
def test_a_full_disk_recovers(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A file that fills the disk ends with ENOSPC; cut, it gives back all that was free before."""
    image, seed = folder / "disk.img", rng.randrange(99)
    tree: Tree = {"/f": file(), "/g": file()}
    make_image(image, f"{rng.randrange(1200, 2000, 4)}k", tree, block_size=1024)
    free = header(image)["Free blocks"]
    script = Script(tree)
    filled = script.ask(f"fill /f {seed}")
    script.ask("write /g 0 20000 1", (errno.ENOSPC, None))
    script.ask("truncate /g 0", (0, None))
    rest = script.ask("statfs 2")
    script.ask("read /f 0 1000", (0, summed(pattern(seed, 0, 1000))))
    script.ask("truncate /f 0", (0, 0))
    script.ask("statfs 2", (0, free))
    script.do("write", "/g", 0, 5000, seed)
    seen = tool.play(image, script, "ENOSPC changes nothing, and what was taken for it goes back")
    check("filling the disk (an errno)", seen=seen[filled][0], expected=errno.ENOSPC)
    # A write of 8 KiB that does not fit may have left its blocks, and the indirect ones, free.
    check(f"at most 10 of {free} blocks are left", seen=seen[rest][1] <= 10, expected=True)


@pytest.mark.points(2, exercise=5)
def test_every_block_is_found(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A file that fills the disk gets the blocks before its own as well, whoever had them."""
    image, seed = folder / "disk.img", rng.randrange(99)
    small = [f"/g{n}" for n in range(14)]
    tree: Tree = {path: file() for path in ["/a", "/b", "/c", *small]}
    make_image(image, "2M", tree, block_size=1024)
    script = Script(tree)
    rest, full = [], "the disk is full when no group has a free block, before the goal or behind it"
    for filled in ("/b", "/c"):
        script.ask("write /a 0 900000 1", (0, 900_000))
        script.ask("write /b 0 300000 1", (0, 300_000))
        if filled == "/c":  # nothing is free behind the goal
            script.ask(f"fill /c {seed}", (errno.ENOSPC, None))
            for path in small:
                script.ask(f"write {path} 0 1 0")
        script.ask("truncate /a 0", (0, None))
        script.ask("write /b 300000 1000 1", (0, 1000))
        script.ask(f"fill /b {seed}", (errno.ENOSPC, None))
        rest.append(script.ask("statfs 2"))
        for path in ("/a", "/b", "/c"):
            script.ask(f"truncate {path} 0", (0, None))
    for path in small:
        script.ask(f"truncate {path} 0", (0, None))
    seen = tool.play(image, script, full)
    for place in rest:
        # A write of 8 KiB that does not fit may have left its blocks, and the indirect ones, free.
        left = seen[place][1]
        what = f"at most 10 blocks are left in step {place}; {left} are"
        check(what, seen=left <= 10, expected=True, why=full)


@pytest.mark.points(1, exercise=5)
def test_the_third_level_goes(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Blocks behind three indirect ones are written, read, cut off and given back."""
    image, seed = folder / "disk.img", rng.randrange(99)
    tree: Tree = {"/f": file(), "/g": file()}
    make_image(image, "8M", tree, block_size=1024)
    free, script = header(image)["Free blocks"], Script(tree)
    edge = (12 + 256 + 256 * 256) * 1024  # the first byte behind three levels
    far = edge + rng.randrange(1 << 26, 1 << 27)
    script.ask(f"write /f {edge - 5} 5000 {seed}", (0, 5000))
    script.ask(f"write /g {far} 3000 {seed}", (0, 3000))
    script.ask(f"read /f {edge - 5} 5000", (0, summed(pattern(seed, edge - 5, 5000))))
    script.ask(f"read /g {far} 5000", (0, summed(pattern(seed, far, 3000))))
    script.ask(f"truncate /f {edge + 1100}", (0, None))
    script.ask(f"read /f {edge} 5000", (0, summed(pattern(seed, edge, 1100))))
    script.ask("truncate /f 0", (0, None))
    script.ask("truncate /g 0", (0, None))
    script.ask("statfs 2", (0, free))
    tool.play(image, script, "i_block has EXT2_N_BLOCKS numbers, the last with three levels below it")


@pytest.mark.points(1, exercise=5)
def test_damage_does_not_spread(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A block that is free already is damage; what comes behind a bad number is freed all the same."""
    image, count = folder / "disk.img", rng.randrange(6, 12)
    tree: Tree = {path: file(rng.randbytes(count * 1024)) for path in ("/f", "/g", "/h")}
    make_image(image, "8M", tree, block_size=1024)
    bad, twice = rng.sample(range(count - 2), 2)
    change(image, f"freeb {blocks_of(image, '/f')[twice]}", f"freeb {blocks_of(image, '/g')[bad]}")
    change(image, f"set_inode_field /f block[{bad}] {rng.choice([1, 1 << 22])}")
    free = header(image)["Free blocks"]
    # Where damage has been found nothing may be changed any more: so each file for itself.
    for path, freed in (("/f", count - 2), ("/g", count - 1)):
        script = Script(tree)
        script.ask(f"truncate {path} 0", (errno.EUCLEAN, None))
        script.ask("statfs 2", (0, free + freed))
        script.do("read", "/h", 0, 9000)
        tool.ask(image, script, "truncate goes on after an error and returns the first one")
    script = Script(tree)
    script.ask(f"write /f {bad * 1024} 1024 1", (errno.EUCLEAN, None))
    tool.ask(image, script, "find_or_allocate checks the number that it finds")
