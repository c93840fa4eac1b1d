"""Lab 10: ext2. Images are made by mke2fs and judged by e2fsck and debugfs, operations by answers."""

from __future__ import annotations

import errno
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from ext2_host import (
    Script, Tool, header, inode_number, mode_of, pattern, random_name,
    random_operation, summed,
)  # fmt: skip

from grading.disk import make_image
from grading.machine import Machine
from grading.tree import Tree, file
from grading.tree import folder as directory
from labs.grade import check

BLOCKS = (1024, 4096)


@pytest.fixture
def tool(start: Callable[..., Machine], folder: Path, program: Callable[[str], Path]) -> Tool:
    return Tool(start, folder, program("ext2_script"))


def sizes(rng: random.Random, block: int) -> list[int]:
    """Sizes of files around the places where the way to a block gets one level longer."""
    edges = [1, 12, 12 + block // 4, 12 + block // 4 + 3]
    return [max(0, edge * block + rng.choice([-1, 0, 1, -rng.randrange(block)])) for edge in edges]


# --- exercise 1 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=1)
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
    spoilt = [
        ("the revision", 76, "<I", rng.randrange(2, 1 << 32), errno.EINVAL),
        ("the size of a block", 24, "<I", rng.randrange(3, 64), errno.EINVAL),
        ("an incompatible feature", 96, "<I", 1 << rng.choice([0, *range(2, 32)]), errno.EINVAL),
        ("the magic number", 56, "<H", rng.randrange(1, 60000), errno.EINVAL),
        ("the size of an inode", 88, "<H", rng.choice([0, 100, 24000]), errno.EUCLEAN),
        ("more blocks than the disk has", 4, "<I", rng.randrange(1 << 20, 1 << 31), errno.EUCLEAN),
        ("inodes of a group", 40, "<I", 0, errno.EUCLEAN),
    ]  # fmt: skip
    image = folder / "disk.img"
    for what, at, form, value, expected in spoilt:
        make_image(image, "2M", block_size=1024)
        data = bytearray(image.read_bytes())
        struct.pack_into(form, data, 1024 + at, value)
        image.write_bytes(data)
        answers = tool.answers(image, Script())
        seen = answers.get("mount", (-1, 0))[0]
        check(f"mount, where {what} is {value} (an errno)", seen=seen, expected=expected)


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


@pytest.mark.points(7, exercise=3)
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


# --- exercise 4 -----------------------------------------------------------------------------------


@pytest.mark.points(10, exercise=4)
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


# --- exercise 5 -----------------------------------------------------------------------------------


@pytest.mark.points(7, exercise=5)
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


@pytest.mark.points(3, exercise=5)
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


# --- exercise 6 -----------------------------------------------------------------------------------


@pytest.mark.points(5, exercise=6)
def test_new_files_have_names(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Many new files and links, in directories with room and without."""
    block = rng.choice(BLOCKS)
    image = folder / "disk.img"
    tree: Tree = {"/d": directory(), "/full": directory()}
    tree |= {f"/full/{random_name(rng, 100)}{n}": file(b"x") for n in range(40)}
    make_image(image, "8M", tree, block_size=block)
    script = Script(tree)
    for n in range(120):
        path = f"{rng.choice(['', '/d', '/full'])}/{random_name(rng, 150)}"
        script.do("create", path)
        if n % 4 == 0:
            script.do("link", path, f"/d/{random_name(rng)}-{n}")
            script.do("create", path)
    script.do("link", "/d", "/z")
    script.do("link", "/nothing", "/z")
    script.do("list", "/d")
    tool.play(image, script, "an entry takes what its neighbour has too much; lengths fill the block")


@pytest.mark.points(3, exercise=6)
def test_inodes_come_to_an_end(tool: Tool, folder: Path, rng: random.Random) -> None:
    """As many files can be made as inodes are free, from all groups, and then ENOSPC."""
    image = folder / "disk.img"
    make_image(image, "18M", block_size=1024, inodes=rng.randrange(64, 200))
    free = header(image)["Free inodes"]
    script = Script()
    script.ask("many /f 5000", (errno.ENOSPC, free))
    script.ask("statfs 4", (0, 0))
    script.model.tree |= {f"/f{n}": file() for n in range(free)}
    tool.play(image, script, "each group has a bitmap and a counter of its own")


# --- exercise 7 -----------------------------------------------------------------------------------


@pytest.mark.points(3, exercise=7)
def test_names_and_files_go(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Names go in any order, the last takes the file along, and its room is used again."""
    block = rng.choice(BLOCKS)
    image = folder / "disk.img"
    tree: Tree = {"/d": directory()}
    tree |= {f"/d/{random_name(rng, 100)}{n}": file(rng.randbytes(n * 300)) for n in range(60)}
    make_image(image, "8M", tree, block_size=block)
    script = Script(tree)
    old = [path for path in tree if path != "/d"]
    rng.shuffle(old)
    for n, path in enumerate(old[:50]):
        if n % 5 == 0:
            script.do("link", path, f"/kept{n}")
        script.do("unlink", path)
        script.do("size", path)
        if n % 3 == 0:
            script.do("create", f"/d/{random_name(rng, 90)}-{n}")
    script.do("unlink", "/d")
    script.do("list", "/d")
    tool.play(image, script, "rec_len goes to the entry before; a link count falls by one")


@pytest.mark.points(2, exercise=7, stays="who is the last user is not always a name")
def test_an_open_file_lives_on(tool: Tool, folder: Path, rng: random.Random) -> None:
    """An unlinked file keeps its blocks while it is open; closed, it gives all of them back."""
    image = folder / "disk.img"
    blocks = rng.randrange(300, 900)
    tree: Tree = {"/f": file(rng.randbytes(blocks * 1024))}
    make_image(image, "8M", tree, block_size=1024)
    numbers, script = header(image), Script(tree)
    script.ask("hold /f", (0, 0))
    script.do("unlink", "/f")
    script.ask("statfs 2", (0, numbers["Free blocks"]))
    script.ask("statfs 4", (0, numbers["Free inodes"]))
    script.ask("release", (0, 0))
    indirect = 1 + (1 + (blocks - 268 + 255) // 256 if blocks > 268 else 0)
    script.ask("statfs 2", (0, numbers["Free blocks"] + blocks + indirect))
    script.ask("statfs 4", (0, numbers["Free inodes"] + 1))
    tool.play(image, script, "the inode goes with its last user, not with its last name")


@pytest.mark.points(2, exercise=7)
def test_inodes_that_went_are_used_again(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Where no inode is free, a failed creation changes nothing; each one given back can be had again."""
    image = folder / "disk.img"
    make_image(image, "18M", block_size=1024, inodes=rng.randrange(64, 200))
    free, script = header(image)["Free inodes"], Script()
    script.ask("many /f 5000", (errno.ENOSPC, free))
    script.model.tree |= {f"/f{n}": file() for n in range(free)}
    script.ask("mkdir /none", (errno.ENOSPC, None))
    script.ask("symlink text /none", (errno.ENOSPC, None))
    gone = rng.sample(range(free), rng.randrange(5, 20))
    for n in gone:
        script.do("unlink", f"/f{n}")
    script.ask("statfs 4", (0, len(gone)))
    script.ask("many /g 5000", (errno.ENOSPC, len(gone)))
    script.model.tree |= {f"/g{n}": file() for n in range(len(gone))}
    script.ask("statfs 4", (0, 0))
    tool.play(image, script, "no inode below first_free_inode is free: a freed one may lower it")


@pytest.mark.points(1, exercise=7, stays="the locks are given; this shows that they are enough")
def test_many_at_once(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Processes that make, link and remove names in one directory do not hurt each other."""
    image = folder / "disk.img"
    tree: Tree = {"/d": directory()}
    tree |= {f"/d/{random_name(rng, 100)}{n}": file() for n in range(80)}
    make_image(image, "8M", tree, block_size=1024)
    script, count = Script(tree), rng.randrange(40, 90)
    # Each makes COUNT names and removes every third; of a name that all want one gets it.
    script.ask(f"together /d/x {count}", (0, count))
    for n in range(count):
        script.model.tree |= {f"/d/x{who}-{n}": file() for who in range(4) if n % 3}
        script.model.tree |= {f"/d/x{n}": file()}
    script.do("list", "/d")
    tool.play(image, script, "an entry is found again after whatever may sleep")


# --- exercise 8 -----------------------------------------------------------------------------------


@pytest.mark.points(5, exercise=8)
def test_directories_and_texts(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Directories in directories, with right link counts; symbolic links short and long."""
    block = rng.choice(BLOCKS)
    image = folder / "disk.img"
    make_image(image, "8M", block_size=block)
    script, folders = Script(), [""]
    for n in range(25):
        folders.append(f"{rng.choice(folders)}/{random_name(rng, 20)}{n}")
        script.do("mkdir", folders[-1])
    for path in rng.sample(folders[1:], 20):
        script.do("rmdir", path)
    for n, size in enumerate([1, 59, 60, 61, rng.randrange(62, 1023), 1023]):
        text = "".join(rng.choices("abc/.", k=size))
        script.do("symlink", text, f"/s{n}")
        script.do("text", f"/s{n}")
    script.do("create", "/f")
    script.do("rmdir", "/f")
    script.do("rmdir", "/nothing")
    tool.play(image, script, "a directory has a link from its name, its own . and each child's ..")


# --- exercise 9 -----------------------------------------------------------------------------------


@pytest.mark.points(3, exercise=9)
def test_renames_of_every_kind(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Over what exists, across directories, into its own subtree, over a full directory."""
    image = folder / "disk.img"
    a, b, c, f, g = (f"/{random_name(rng, 30)}{n}" for n in range(5))
    tree: Tree = {a: directory(), a + b: directory(), c: directory(), a + f: file(b"one")}
    tree |= {g: file(rng.randbytes(3000)), c + f: file(b"two")}
    make_image(image, "8M", tree, block_size=rng.choice(BLOCKS))
    script = Script(tree)
    for old, new in [
        (a, a + b + "/x"), (a, a + "/x"), (a + f, g), (g, c), (c, g), (a + b, c), (c + f, "/out"),
        (a + b, c), (c, a), (c, a + c), (a + c, "/top"), ("/nothing", "/x"), ("/out", "/out"),
    ]:  # fmt: skip
        script.do("rename", old, new)
    script.do("mkdir", "/top/in")
    script.do("rename", "/top/in", a + "/in")
    script.do("rmdir", "/top")
    tool.play(image, script, "a directory that moves has another .., and both parents count")


@pytest.mark.points(2, exercise=9, stays="everything at once, as no other test has it")
def test_random_operations(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Some hundred random operations leave the disk as the model has it."""
    block = rng.choice(BLOCKS)
    image = folder / "disk.img"
    make_image(image, "21M", {"/d": directory()}, block_size=block)
    script = Script({"/d": directory()})
    for _ in range(250):
        random_operation(script, rng, block)
    tool.play(image, script, "run it again with this seed, and stop at the step named")
