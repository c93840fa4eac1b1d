"""ext2 on the host, under the sanitizers: the kernel's sources with a buffer for a disk.

Random operations against a model, and every image judged by e2fsck and read by debugfs.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from grading.disk import debugfs, fsck, make_image, read_tree
from grading.tree import Tree, differences, file, folder, symlink
from ext2_model import Model, random_operation

ROOT = Path(__file__).resolve().parent.parent
HOST = ROOT / "kernel/fs/tests/host"
SOURCES = [
    *sorted((ROOT / "kernel/fs/ext2").glob("*.cc")),
    *(ROOT / "kernel/io" / f"{name}.cc"
      for name in ("inode", "page_cache", "cached_pages", "file_system")),
    *(ROOT / "kernel/block" / f"{name}.cc"
      for name in ("block_cache", "block_write_back", "block_device")),
    ROOT / "kernel/fs/name_cache.cc",
    ROOT / "kernel/base/format.cc",
    ROOT / "kernel/base/string.cc",
    HOST / "support.cc",
]  # fmt: skip
FLAGS = [
    "-std=c++20", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-mismatched-tags",
    "-DGOOSE_HOST", "-DDEBUG=1", "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined", f"-I{HOST / 'fake'}", f"-I{ROOT / 'kernel'}",
]  # fmt: skip
SEED = os.environ.get("GOOSE_SEED", "0")
pytestmark = pytest.mark.slow  # two builds under the sanitizers
IMAGES = [(1024, 128), (1024, 256), (2048, 256), (4096, 128), (4096, 256)]
START: Tree = {
    "/etc/motd": file("welcome\n"),
    "/bin/tool": file(bytes(range(256)) * 100, 0o755),
    "/bin/link": symlink("tool"),
    "/home/deep/er": folder(0o700),
}


def build(name: str, folder: Path) -> Path:
    compiler = shutil.which("clang++")
    if compiler is None:
        pytest.skip("clang++ is not installed (Debian package: clang)")
    path = folder / name
    words = [compiler, *FLAGS, *map(str, SOURCES), str(HOST / f"{name}.cc"), "-o", str(path)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("ext2_script", tmp_path_factory.mktemp("ext2"))


class Session:
    """The program at work on an image."""

    def __init__(self, program: Path, image: Path) -> None:
        self.process = subprocess.Popen(
            [program, image], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.output: list[str] = []

    def do(self, *words: str) -> int:
        """The errno of one operation; what it prints is kept in `output`."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.output = []
        for line in self.process.stdout:
            if line.startswith("= "):
                return int(line[2:])
            self.output.append(line.rstrip("\n"))
        pytest.fail(f"it ended at {' '.join(words)[:200]}: {self.end()}")

    def end(self) -> str:
        """Writes the image back; what the kernel printed."""
        assert self.process.stdin and self.process.stderr
        self.process.stdin.close()
        messages = self.process.stderr.read()
        assert self.process.wait() == 0, messages
        return messages


def judge(image: Path, model: Model) -> None:
    fsck(image)
    assert differences(model.tree(), read_tree(image)) == []


@pytest.mark.parametrize("block_size,inode_size", IMAGES)
@pytest.mark.parametrize("seed", range(3))
def test_random_operations(
    program: Path, tmp_path: Path, block_size: int, inode_size: int, seed: int
) -> None:
    rng = random.Random(f"{seed} {block_size} {inode_size}")
    image = tmp_path / "disk.img"
    size = rng.choice(["12M", "20M", "33M"])
    make_image(image, size, START, block_size=block_size, inode_size=inode_size)
    model = Model(START | {"/home": folder(), "/home/deep": folder(), "/etc": folder(),
                           "/bin": folder()})  # fmt: skip
    session = Session(program, image)
    for step in range(600):
        if rng.random() < 0.03:
            assert session.do(rng.choice(["sync", "forget"])) == 0
        words = random_operation(model, rng, block_size)
        expected = model.apply(words)
        assert session.do(*words) == expected, f"step {step}: {words}"
    messages = session.end()
    assert "damaged" not in messages
    judge(image, model)


def test_edges_of_the_block_map(program: Path, tmp_path: Path) -> None:
    """One byte on either side of each level, up to triple indirect; sparse, then cut back."""
    image = tmp_path / "disk.img"
    make_image(image, "16M", block_size=1024)
    model = Model()
    session = Session(program, image)
    edges = [12, 12 + 256, 12 + 256 + 256**2]
    for number, edge in enumerate(edges):
        for words in (
            ["create", f"/f{number}"],
            ["write", f"/f{number}", str(edge * 1024 - 1), "2", "7"],
            ["create", f"/g{number}"],
            ["write", f"/g{number}", str(edge * 1024 + 5000), "3000", "8"],
            ["truncate", f"/g{number}", str(edge * 1024 + 1)],
        ):
            assert model.apply(words) == 0 and session.do(*words) == 0
    session.end()
    judge(image, model)


def test_full_disk_recovers(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "2M", block_size=1024, inodes=64)
    model = Model()
    session = Session(program, image)
    assert session.do("statfs") == 0
    free_before = session.output[0]
    assert session.do("mkdir", "/d") == 0
    model.apply(["mkdir", "/d"])
    written = 0
    for number in range(40):
        words = ["create", f"/d/f{number}"]
        assert session.do(*words) == model.apply(words) == 0
        words = ["write", f"/d/f{number}", "0", "100000", str(number)]
        answer = session.do(*words)
        assert answer in (0, errno.ENOSPC)
        if answer == 0:
            model.apply(words)
            written += 1
        else:
            # A part of it may be there; the file is removed in the model by truncation.
            words = ["truncate", f"/d/f{number}", "0"]
            assert session.do(*words) == model.apply(words) == 0
    assert 10 < written < 25
    assert session.do("mkdir", "/e") in (0, errno.ENOSPC)
    assert session.do("rmdir", "/e") in (0, errno.ENOENT)
    for number in range(40):
        words = ["unlink", f"/d/f{number}"]
        assert session.do(*words) == model.apply(words) == 0
    for number in range(100):
        answer = session.do("create", f"/n{number}")
        if answer == errno.ENOSPC:
            break
        assert answer == model.apply(["create", f"/n{number}"]) == 0
    assert 30 < number < 64
    for done in range(number):
        assert session.do("unlink", f"/n{done}") == model.apply(["unlink", f"/n{done}"]) == 0
    words = ["rmdir", "/d"]
    assert session.do(*words) == model.apply(words) == 0
    assert session.do("statfs") == 0
    assert session.output[0] == free_before
    session.end()
    judge(image, model)


def test_unlinked_file_lives_until_released(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M", {"/f": file(b"x" * 300_000)})
    session = Session(program, image)
    assert session.do("statfs") == 0
    before = [int(word) for word in session.output[0].split()]
    assert [session.do("hold", "/f"), session.do("unlink", "/f")] == [0, 0]
    assert session.do("statfs") == 0
    assert [int(word) for word in session.output[0].split()] == before
    assert session.do("release") == 0
    assert session.do("statfs") == 0
    blocks, free, inodes, free_inodes = (int(word) for word in session.output[0].split())
    assert free >= before[1] + 300_000 // 4096 and free_inodes == before[3] + 1
    session.end()
    judge(image, Model())


def test_indexed_directories_are_plain_ones(program: Path, tmp_path: Path) -> None:
    """e2fsck -D makes hashed indexes; goose reads such directories and drops the index."""
    image = tmp_path / "disk.img"
    names: Tree = {f"/big/file-with-a-long-name-{n:04}": file(str(n)) for n in range(600)}
    make_image(image, "8M", names, block_size=1024, extra=("-O", "dir_index"))
    subprocess.run(["/usr/sbin/e2fsck", "-f", "-y", "-D", image], capture_output=True)
    assert "Flags: 0x1000" in debugfs(image, ["stat /big"])
    session = Session(program, image)
    model = Model({"/big": folder()} | names)
    for words in (
        ["unlink", "/big/file-with-a-long-name-0300"],
        ["create", "/big/new"],
        ["rename", "/big/file-with-a-long-name-0001", "/big/other"],
    ):
        assert session.do(*words) == model.apply(words) == 0
    session.end()
    assert "Flags: 0x0" in debugfs(image, ["stat /big"])
    judge(image, model)


def test_times_keep_nanoseconds_and_pass_2038(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    session = Session(program, image)
    assert session.do("create", "/f") == 0
    later = 5_000_000_000 * 10**9 + 123_456_789
    assert session.do("times", "/f", str(later)) == 0
    session.end()
    fsck(image)
    stat = debugfs(image, ["stat /f"])
    assert "mtime: 0x2a05f200:1d6f3455" in stat, stat


def test_features_are_refused_by_name(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    for feature, message in (
        ("extent", "not mounted: feature extents"),
        ("64bit,extent", "not mounted: feature 64bit"),
        ("^filetype,flex_bg", "not mounted: feature flex_bg"),
    ):
        make_image(image, "8M", extra=("-O", feature))
        run = subprocess.run([program, image], input="", text=True, capture_output=True)
        assert run.returncode == 1 and run.stdout == f"open {errno.EINVAL}\n"
        assert message in run.stderr


@pytest.mark.parametrize("feature", ["huge_file", "metadata_csum", "uninit_bg", "quota"])
def test_unknown_readonly_features_mount_read_only(
    program: Path, tmp_path: Path, feature: str
) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M", {"/f": file("x")}, extra=("-O", feature))
    before = image.read_bytes()
    session = Session(program, image)
    assert session.do("list", "/") == 0
    messages = session.end()
    assert "read-only: feature" in messages and "mounted read-only" in messages
    assert image.read_bytes() == before


def test_old_revision(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "4M", block_size=1024, inode_size=128, extra=("-r", "0", "-O", "none"))
    session = Session(program, image)
    model = Model()
    for words in (["mkdir", "/d"], ["create", "/d/f"], ["write", "/d/f", "0", "5000", "1"]):
        assert session.do(*words) == model.apply(words) == 0
    session.end()
    judge(image, model)


@pytest.fixture(scope="module")
def damage_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("ext2_damage", tmp_path_factory.mktemp("damage"))


@pytest.mark.parametrize("block_size,size", [(1024, "1M"), (4096, "2M"), (1024, "17M")])
def test_damaged_images(damage_program: Path, tmp_path: Path, block_size: int, size: str) -> None:
    """Bytes of the metadata spoilt at random: errors, but no panic, no bad access, no endless loop."""
    image = tmp_path / "disk.img"
    many: Tree = {f"/many/f{n}": file(str(n)) for n in range(20)}
    tree = START | many | {"/long": symlink("x" * 300), "/home/deep/er/f": file("zz" * 3000)}
    make_image(image, size, tree, block_size=block_size, inode_size=128, inodes=64)
    first = random.Random(SEED + str(block_size) + size).randrange(10**6)
    words = [damage_program, image, str(first), "400"]
    run = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, f"first seed {first}\n{run.stderr[-3000:]}"
