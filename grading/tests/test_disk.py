"""Trees, archives and disk images, against the tools that others wrote."""

from __future__ import annotations

import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from grading import cpio
from grading.disk import DiskError, debugfs, fsck, make_image, read_tree
from grading.errors import HostError
from grading.tree import (
    Tree,
    character_device,
    differences,
    file,
    folder,
    from_folder,
    symlink,
    to_folder,
)


@pytest.fixture
def tree() -> Tree:
    content = random.Random(1).randbytes(70_000)
    return {
        "/bin/sh": file(b"#!", 0o755),
        "/big": file(content),
        "/empty": file(),
        "/a name": file("spaces"),
        "/deep/er/than/that": file("x", 0o600),
        "/fast": symlink("bin/sh"),
        "/slow": symlink("/deep/" + "x" * 100),
        "/one": replace(file("linked"), link="/one"),
        "/two": replace(file("linked"), link="/one"),
        "/locked": folder(0o500),
    }


def test_folder_round_trip(tree: Tree, tmp_path: Path) -> None:
    to_folder(tree, tmp_path)
    assert differences(tree, from_folder(tmp_path)) == []


@pytest.mark.parametrize("block_size", [1024, 4096])
@pytest.mark.parametrize("inode_size", [128, 256])
def test_image_round_trip(tree: Tree, tmp_path: Path, block_size: int, inode_size: int) -> None:
    image = tmp_path / "disk.img"
    tree["/dev/null"] = character_device(1, 3)
    make_image(image, "4M", tree, block_size=block_size, inode_size=inode_size)
    fsck(image)
    assert differences(tree, read_tree(image)) == []


def test_images_are_equal_byte_for_byte(tree: Tree, tmp_path: Path) -> None:
    images = [tmp_path / "one.img", tmp_path / "two.img"]
    for image in images:
        make_image(image, "2M", tree)
    assert images[0].read_bytes() == images[1].read_bytes()


def test_fsck_finds_damage(tree: Tree, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "2M", tree)
    debugfs(image, ["freei <12>"], write=True)
    with pytest.raises(DiskError, match="says"):
        fsck(image)


def test_holes_and_links_of_gigabytes_are_not_taken_out(tree: Tree, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "2M", tree)
    debugfs(image, ["sif /two size 300000000", "sif /two links_count 3", "ln /two /three"], write=True)
    with pytest.raises(DiskError, match="have 900,.* bytes together"):
        read_tree(image)


def test_a_name_with_a_line_feed_hides_nothing(tree: Tree, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "2M", tree | {"/a@name": file("extra")})
    image.write_bytes(image.read_bytes().replace(b"a@name", b"a\nname"))
    fsck(image)
    with pytest.raises(DiskError, match="a name on the disk that nobody gave"):
        read_tree(image)


def test_too_small_an_image_is_a_host_error(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(HostError, match="mke2fs could not make"):
        make_image(tmp_path / "disk.img", "64K", tree)


def test_differences_name_what_differs(tree: Tree) -> None:
    seen = dict(tree)
    del seen["/empty"]
    seen["/extra"] = file()
    seen["/a name"] = file("spades")
    seen["/bin/sh"] = file(b"#!", 0o644)
    seen["/two"] = file("linked")
    said = "\n".join(differences(tree, seen))
    for part in ("/empty is missing", "/extra should not", "byte 3", "not 100755", "not /one /two"):
        assert part in said


def test_archive_round_trip(tree: Tree) -> None:
    tree["/dev/null"] = character_device(1, 3)
    assert differences(tree, cpio.unpack(cpio.pack(tree))) == []


def test_archive_is_read_by_cpio(tree: Tree, tmp_path: Path) -> None:
    del tree["/locked"]
    command = ["cpio", "-id", "--quiet", "--no-absolute-filenames"]
    subprocess.run(command, input=cpio.pack(tree), cwd=tmp_path, check=True)
    assert differences(tree, from_folder(tmp_path)) == []


def test_a_cut_archive_is_refused(tree: Tree) -> None:
    with pytest.raises(ValueError, match="ends inside|no cpio header"):
        cpio.unpack(cpio.pack(tree)[:5000])
