"""ext2 images: made by mke2fs, judged by e2fsck, read back by debugfs. None of it is goose's.

    make_image(path, "16M", tree, block_size=1024)
    … a guest works on it …
    fsck(path)
    assert differences(expected, read_tree(path)) == []
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from grading.confine import NotPlain, confined, inside, open_plain
from grading.errors import GuestError, HostError
from grading.tree import Node, Tree, to_folder, with_parents

EPOCH = "1700000000"  # the time that every new image bears
UUID = "600560e5-0000-4000-8000-000000000001"
MOST_TAKEN_OUT = 512 << 20  # bytes of an image's files: holes and links make any number of a small one


class DiskError(GuestError):
    """e2fsck found the file system damaged: the fault of whoever wrote it last."""


def _tool(name: str) -> str:
    """The tools of e2fsprogs are not on every user's PATH."""
    path = os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/sbin"])
    if found := shutil.which(name, path=path):
        return found
    raise HostError(f"{name} is not installed: it comes with the package e2fsprogs")


def _run(
    name: str, *arguments: str, input: str = "", writes: list[Path] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a tool; with `writes`, on an image that a guest wrote: in the jail, if there is one."""
    command = [_tool(name), *arguments]
    environment = os.environ | {"E2FSPROGS_FAKE_TIME": EPOCH, "DEBUGFS_PAGER": "cat"}
    return subprocess.run(
        command if writes is None else confined(command, writes),
        input=input,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        env=environment,
    )


def make_image(
    path: Path,
    size: str,
    tree: Tree | None = None,
    *,
    block_size: int = 4096,
    inode_size: int = 256,
    inodes: int | None = None,
    features: str = "",
    extra: tuple[str, ...] = (),
) -> None:
    """Makes an ext2 image of `size` ("16M") that holds `tree`, owned by root."""
    tree = with_parents(tree or {})
    with tempfile.TemporaryDirectory(prefix="goose-disk-") as folder:
        to_folder(tree, Path(folder))
        path.unlink(missing_ok=True)
        words = ["-q", "-F", "-t", "ext2", "-b", str(block_size), "-I", str(inode_size)]
        words += ["-U", UUID, "-E", f"root_owner=0:0,hash_seed={UUID}", "-d", folder]
        words += ["-N", str(inodes)] if inodes else []
        words += ["-O", features] if features else []
        done = _run("mke2fs", *words, *extra, str(path), size)
        if done.returncode:
            raise HostError(f"mke2fs could not make {path} of {size}: {done.stderr.strip()}")
    _own(path, tree)


def _own(path: Path, tree: Tree) -> None:
    """Devices, and owners: mke2fs copies the builder's uid, where that is not root."""
    lines = []
    for name, node in tree.items():
        if stat.S_ISCHR(node.mode) or stat.S_ISBLK(node.mode):
            kind = "c" if stat.S_ISCHR(node.mode) else "b"
            lines += [f"cd {os.path.dirname(name)}"]
            lines += [f"mknod {os.path.basename(name)} {kind} {node.device[0]} {node.device[1]}"]
            lines += [f'sif "{name}" mode 0{node.mode:o}']
        if (os.getuid(), os.getgid()) != (node.uid, node.gid):
            lines += [f'sif "{name}" uid {node.uid}', f'sif "{name}" gid {node.gid}']
    if lines:
        debugfs(path, lines, write=True)


def debugfs(path: Path, commands: list[str], *, write: bool = False, into: Path | None = None) -> str:
    """Runs debugfs commands on an image; returns its output, each command echoed before it.

    With `write` it changes the image, which must be ours. It may write to the folder `into`. What it
    complains of in another image is that one's fault, a full disk of this machine excepted.
    """
    words = ["-w"] if write else []
    writes = None if write else [into] if into else []
    done = _run("debugfs", *words, "-f", "-", str(path), input="\n".join(commands) + "\n", writes=writes)
    complaints = [
        line
        for line in done.stderr.splitlines()
        if line and not re.match(r"debugfs \d|.*while changing ownership|Allocated inode", line)
    ]
    if done.returncode or complaints:
        said = f"debugfs on {path}: {' / '.join(complaints) or done.stdout}"
        ours = write or done.returncode or "No space left on device" in said
        raise (HostError if ours else DiskError)(said)
    return done.stdout


def fsck(path: Path) -> None:
    """Raises DiskError, with every complaint, unless e2fsck finds the file system clean."""
    done = _run("e2fsck", "-f", "-n", str(path), writes=[])
    if done.returncode:
        raise DiskError(f"e2fsck -fn {path} says (status {done.returncode}):\n{done.stdout}")


def _list_folder(text: str) -> list[tuple[int, str, Node, int]]:
    """The entries of one `ls -p`: inode number, name, what is known of the node, and its size."""
    entries = []
    for line in filter(None, text.split("\n")):
        match = re.fullmatch(r"/(\d+)/(\d+)/(\d+)/(\d+)/([^/]*)/(\d*)/", line)
        if not match:  # a line feed in a name would make entries of it that are none
            raise DiskError(f"there is a name on the disk that nobody gave to anything: {line!r}")
        if match[1] != "0" and match[5] not in (".", ".."):
            node = Node(int(match[2], 8), uid=int(match[3]), gid=int(match[4]))
            entries.append((int(match[1]), match[5], node, int(match[6] or 0)))
    return entries


def _names(path: Path) -> list[tuple[str, int, Node]]:
    """Every name in the image, with its inode number: folder by folder, level by level.

    DiskError if the files are longer together than any test's.
    """
    found: list[tuple[str, int, Node]] = []
    total = 0
    level = [("", 2)]
    while level:
        output = debugfs(path, [f"ls -p <{inode}>" for _, inode in level])
        parts = re.split(r"^debugfs: ls -p <\d+>\n", output, flags=re.MULTILINE)[1:]
        following = []
        for (parent, _), part in zip(level, parts):
            for inode, name, node, size in _list_folder(part):
                total += size
                found.append((f"{parent}/{name}", inode, node))
                if node.is_folder():
                    following.append((f"{parent}/{name}", inode))
        level = following
    if total > MOST_TAKEN_OUT:
        raise DiskError(f"the files on the disk have {total:,} bytes together, by their sizes")
    return found


def _device(path: Path, inode: int) -> tuple[int, int]:
    text = debugfs(path, [f"stat <{inode}>"])
    match = re.search(r"Device major/minor number: (\d+):(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _read_plain(folder: Path, name: str, image: Path) -> bytes:
    try:
        with os.fdopen(open_plain(folder, name), "rb") as file:
            return file.read()
    except NotPlain as error:
        raise DiskError(f"{image}: debugfs took out something else than its list says: {error}") from None


def read_tree(path: Path) -> Tree:
    """Everything in the image as debugfs sees it; lost+found is left out."""
    tree: Tree = {}
    names: dict[int, list[str]] = defaultdict(list)
    entries = _names(path)
    with tempfile.TemporaryDirectory(prefix="goose-disk-") as folder:
        debugfs(path, [f"rdump / {inside(Path(folder))}"], into=Path(folder))
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
        for name, inode, node in entries:
            if name == "/lost+found":
                continue
            here = Path(folder) / name[1:]
            if node.is_file():
                node = replace(node, data=_read_plain(Path(folder), name[1:], path))
                names[inode].append(name)
            elif node.is_symlink():
                node = replace(node, data=os.readlink(here).encode())
            elif not node.is_folder():
                node = replace(node, device=_device(path, inode))
            tree[name] = node
    for linked in names.values():
        if len(linked) > 1:
            for name in linked:
                tree[name] = replace(tree[name], link=linked[0])
    return tree
