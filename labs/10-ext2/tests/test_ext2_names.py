"""Lab 10, exercises 6 to 9: names come, go and move. Judged as in test_ext2.py."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest
from ext2_host import Tool, blocks_of, change, header, inode_number
from ext2_script import BLOCKS, Script, pattern, random_name, random_operation

from grading.disk import make_image
from grading.tree import Tree, file
from grading.tree import folder as directory
from labs.grade import check


# --- exercise 6 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=6)
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


@pytest.mark.points(2, exercise=6)
def test_inodes_come_to_an_end(tool: Tool, folder: Path, rng: random.Random) -> None:
    """As many files can be made as inodes are free, from all groups, and then ENOSPC."""
    old = {"inode_size": 128, "features": "none", "extra": ("-r", "0")}  # has no s_first_ino
    for name, shape in [("disk.img", {}), ("disk-old.img", old)]:
        image = folder / name
        make_image(image, "18M", block_size=1024, inodes=rng.randrange(64, 200), **shape)
        free, script = header(image)["Free inodes"], Script()
        script.ask("many /f 5000", (errno.ENOSPC, free))
        script.ask("statfs 4", (0, 0))
        script.model.tree |= {f"/f{n}": file() for n in range(free)}
        script.do("size", f"/f{free - 1}")
        tool.play(image, script, "each group has a bitmap and a counter of its own")


@pytest.mark.points(1, exercise=6)
def test_a_directory_grows_only_when_full(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Names go where there is room, in whichever block; a directory has no block too many."""
    image = folder / "disk.img"
    make_image(image, "8M", {"/d": directory()}, block_size=1024)
    script = Script({"/d": directory()})
    # "." and "..", 24 bytes, and four times 212: the fifth needs another block.
    for n in range(5):
        script.do("create", f"/d/{random_name(rng, 3)}{n}".ljust(4 + 200, "y"))
        script.ask("size /d", (0, 1024 if n < 4 else 2048))
    # Entries of 20 bytes: 7 fit behind the first four, and 40 behind the fifth.
    for n in range(47):
        script.do("create", f"/d/{n}".ljust(3 + 12, "z"))
    script.ask("size /d", (0, 2048))
    tool.play(image, script, "add_in_block is tried with each block before the directory is extended")


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


@pytest.mark.points(1, exercise=7, stays="who is the last user is not always a name")
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


@pytest.mark.points(1, exercise=7)
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


@pytest.mark.points(1, exercise=7)
def test_room_is_used_again(tool: Tool, folder: Path, rng: random.Random) -> None:
    """The bytes of names that went are one piece again, in which a longer name has room."""
    image = folder / "disk.img"
    names = [f"/d/{n}" for n in range(40)]
    tree: Tree = {"/d": directory()} | {name: file() for name in names}
    make_image(image, "8M", tree, block_size=1024)
    script = Script(tree)
    script.ask("size /d", (0, 1024))
    for name in rng.sample(names, len(names)):
        script.do("unlink", name)
    for n in range(4):
        script.do("create", f"/d/{n}".ljust(3 + 200, "y"))
    script.ask("size /d", (0, 1024))
    tool.play(image, script, "rec_len goes to the entry before, and with it all that this one had")


@pytest.mark.points(1, exercise=7)
def test_an_inode_is_freed_once(tool: Tool, folder: Path, rng: random.Random) -> None:
    """An inode that the bitmap calls free already is damage, and is not counted again."""
    image = folder / "disk.img"
    tree: Tree = {f"/f{n}": file() for n in range(8)}
    make_image(image, "8M", tree, block_size=1024)
    path = f"/f{rng.randrange(8)}"
    change(image, f"freei <{inode_number(image, path)}>")
    free, script = header(image)["Free inodes"], Script(tree)
    script.do("unlink", path)
    script.ask("statfs 4", (0, free))
    script.do("size", path)
    tool.ask(image, script, "a bit that is clear already is damage")


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
    tool.play(image, script, "io locks the directory, guard(lock_) the bitmaps and counters")


# --- exercise 8 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=8)
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
        script.ask(f"blocks /s{n}", (0, 0 if size < 60 else block // 512))
    script.do("create", "/f")
    script.do("rmdir", "/f")
    script.do("rmdir", "/nothing")
    tool.play(image, script, "a directory has a link from its name, its own . and each child's ..")


@pytest.mark.points(1, exercise=8)
def test_inodes_lie_near(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A file's inode is in its directory's group; directories are spread over the groups."""
    image = folder / "disk.img"
    make_image(image, "8M", block_size=1024, inode_size=128, extra=("-g", "1024"))
    script, count = Script(), rng.randrange(5, 8)
    for n in range(count):
        script.do("mkdir", f"/d{n}")
        script.do("create", f"/d{n}/f")
        script.do("symlink", "x", f"/d{n}/s")
    script.do("create", "/f")
    why = "the search starts in the parent's group, for a directory in directory_group()'s"
    tool.play(image, script, why)
    each, groups = header(image)["Inodes per group"], []
    for parent, names in [("/", ["/f"])] + [(f"/d{n}", [f"/d{n}/f", f"/d{n}/s"]) for n in range(count)]:
        groups.append((inode_number(tool.left, parent) - 1) // each)
        for name in names:
            seen = (inode_number(tool.left, name) - 1) // each
            check(f"the group of the inode of {name}", seen=seen, expected=groups[-1], why=why)
    spread = len(set(groups[1:]))
    what = f"{count} directories lie in more than 2 groups; they lie in {spread}"
    check(what, seen=spread > 2, expected=True, why=why)


@pytest.mark.points(1, exercise=8)
def test_links_and_texts_have_limits(tool: Tool, folder: Path, rng: random.Random) -> None:
    """32000 links are the most, a text is shorter than a block; what is refused leaves nothing."""
    image = folder / "disk.img"
    tree: Tree = {"/f": file(), "/g": file(), "/d": directory(), "/e": directory()}
    make_image(image, "8M", tree, block_size=1024)
    change(image, "set_inode_field /f links_count 32000", "set_inode_field /g links_count 31999")
    change(image, "set_inode_field /d links_count 32000")
    numbers, script = header(image), Script(tree)
    script.ask("link /f /x", (errno.EMLINK, None))
    script.ask("mkdir /d/x", (errno.EMLINK, None))
    script.ask("rename /e /d/x", (errno.EMLINK, None))
    script.ask("link /g /x", (0, None))
    script.ask("link /g /y", (errno.EMLINK, None))
    script.ask(f"symlink {'t' * 1024} /s", (errno.ENAMETOOLONG, None))
    script.ask(f"symlink {'t' * rng.randrange(1025, 2000)} /s", (errno.ENAMETOOLONG, None))
    script.ask("size /s", (errno.ENOENT, None))
    script.ask("statfs 2", (0, numbers["Free blocks"]))
    script.ask("statfs 4", (0, numbers["Free inodes"]))
    tool.ask(image, script, "EXT2_LINK_MAX links, and a closing NUL behind the text in its block")


@pytest.mark.points(1, exercise=8)
def test_times_tell_what_changed(tool: Tool, folder: Path, rng: random.Random) -> None:
    """A directory whose names change has a new mtime; a file whose links change, a new ctime."""
    image = folder / "disk.img"
    tree: Tree = {"/d": directory(), "/d/sub": directory(), "/f": file()}
    make_image(image, "8M", tree, block_size=1024)
    script, pairs = Script(tree), []
    for operation, asked in [
        (["link", "/f", "/d/b"], ["mtime /d", "ctime /f"]),
        (["unlink", "/d/b"], ["mtime /d", "ctime /f"]),
        (["rmdir", "/d/sub"], ["mtime /d"]),
        (["mkdir", "/d/new"], ["mtime /d"]),
    ]:
        before = [script.ask(line) for line in asked]
        script.do(*operation)
        after = [script.ask(line) for line in asked]
        pairs += [(" ".join(operation), line, *two) for line, *two in zip(asked, before, after)]
    seen = tool.play(image, script, "touch_contents and touch_links set the times")
    for operation, line, before, after in pairs:
        newer = seen[after][1] > seen[before][1]
        why = f"{line.split()[0]} was {seen[before][1]} ns before and {seen[after][1]} ns after"
        what = f"{operation} gives {line.split()[1]} a new {line.split()[0]}"
        check(what, seen=newer, expected=True, why=why)


# --- exercise 9 -----------------------------------------------------------------------------------


@pytest.mark.points(2, exercise=9)
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


@pytest.mark.points(2, exercise=9)
def test_a_full_disk_keeps_its_names(tool: Tool, folder: Path, rng: random.Random) -> None:
    """Where no block is free, a name that needs one is ENOSPC, and nothing at all has changed."""
    image, seed = folder / "disk.img", rng.randrange(99)
    small = [f"/g{n}" for n in range(14)]
    tree: Tree = {"/d": directory(), "/e": directory(), "/fill": file(), "/m": file(b"1")}
    tree |= {f"/d/{letter * 240}": file() for letter in rng.sample("abcdefgh", 4)}  # 8 bytes are left
    tree |= {path: file() for path in small}
    make_image(image, "2M", tree, block_size=1024)
    script, long = Script(tree), "/d/" + random_name(rng, 60).ljust(200, "z")
    filled = script.ask(f"fill /fill {seed}")
    ones = {path: script.ask(f"write {path} 0 1 {seed}") for path in small}
    state = ["statfs 2", "statfs 4", "list /", "list /d"]
    state += [f"{word} {path}" for word in ("stat", "size") for path in ("/", "/d", "/e", "/m")]
    before = [script.ask(line) for line in state]
    for line in [
        "mkdir /n", f"symlink {'t' * 300} /s", f"create {long}", f"mkdir {long}", f"link /m {long}",
        f"symlink t {long}", f"rename /m {long}", f"rename /e {long}",
    ]:  # fmt: skip
        script.ask(line, (errno.ENOSPC, None))
    after = [script.ask(line) for line in state]
    why = "none of what changes together may have changed when it has failed: what can fail comes first"
    seen = tool.ask(image, script, why)
    check("the blocks that are free on the full disk", seen=seen[before[0]], expected=(0, 0))
    for line, one, other in zip(state, before, after):
        check(f"{line}, before and after what failed", seen=seen[other], expected=seen[one], why=why)
    script.model.tree["/fill"] = file(pattern(seed, 0, seen[filled][1]))
    for path, place in ones.items():
        script.model.tree[path] = file(pattern(seed, 0, 1) if seen[place][0] == 0 else b"")
    tool.judge(image, script, why)


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
