"""A file tree as a model: what a disk image or an archive should hold, compared exactly.

A tree is a dict from absolute path ("/bin/sh") to `Node`; "/" may be left out. It is what disk
images and archives are made from, and what they are read back to.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Node:
    """One file. `mode` has the type bits; `data` is a file's content or a symlink's target.

    Nodes with the same `link` other than "" are names of one file.
    """

    mode: int
    data: bytes = b""
    uid: int = 0
    gid: int = 0
    device: tuple[int, int] = (0, 0)
    link: str = ""

    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    def is_symlink(self) -> bool:
        return stat.S_ISLNK(self.mode)


Tree = dict[str, Node]


def file(data: bytes | str = b"", mode: int = 0o644) -> Node:
    return Node(stat.S_IFREG | mode, data.encode() if isinstance(data, str) else data)


def folder(mode: int = 0o755) -> Node:
    return Node(stat.S_IFDIR | mode)


def symlink(target: str) -> Node:
    return Node(stat.S_IFLNK | 0o777, target.encode())


def character_device(major: int, minor: int, mode: int = 0o666) -> Node:
    return Node(stat.S_IFCHR | mode, device=(major, minor))


def with_parents(tree: Tree) -> Tree:
    """The tree with the folders that it implies, sorted by path so that parents come first."""
    full = dict(tree)
    for path in tree:
        while (path := os.path.dirname(path)) != "/":
            full.setdefault(path, folder())
    full.setdefault("/", folder())
    return dict(sorted(full.items()))


def from_folder(root: Path) -> Tree:
    """Reads a folder of the host, owned by root in the model whoever owns it here."""
    tree: Tree = {}
    names: dict[int, list[str]] = defaultdict(list)
    for path in sorted(root.rglob("*")):
        name = "/" + str(path.relative_to(root))
        status = path.lstat()
        data = b""
        if stat.S_ISREG(status.st_mode):
            data = path.read_bytes()
            names[status.st_ino].append(name)
        elif stat.S_ISLNK(status.st_mode):
            data = os.readlink(path).encode()
        tree[name] = Node(status.st_mode, data)
    for linked in names.values():
        if len(linked) > 1:
            for name in linked:
                tree[name] = replace(tree[name], link=linked[0])
    return tree


def to_folder(tree: Tree, root: Path) -> None:
    """Writes the tree's files, folders and symlinks below `root`; devices are left out."""
    first: dict[str, Path] = {}
    full = with_parents(tree)
    for name, node in full.items():
        path = root / name.lstrip("/")
        if node.is_folder():
            path.mkdir(exist_ok=True)
        elif node.is_symlink():
            path.symlink_to(node.data.decode())
        elif node.link in first:
            path.hardlink_to(first[node.link])
        elif node.is_file():
            path.write_bytes(node.data)
            path.chmod(stat.S_IMODE(node.mode))
            if node.link:
                first[node.link] = path
    for name, node in reversed(full.items()):  # a folder may forbid writing, so it comes last
        if node.is_folder():
            (root / name.lstrip("/")).chmod(stat.S_IMODE(node.mode))


def _links(tree: Tree) -> dict[str, str]:
    """For each path, all names of its file: comparable between two trees."""
    names: dict[str, list[str]] = defaultdict(list)
    for path, node in tree.items():
        if node.link:
            names[node.link].append(path)
    return {p: " ".join(sorted(names[n.link])) if n.link else p for p, n in tree.items()}


def _show(data: bytes) -> str:
    return f"{len(data)} bytes {data[:40]!r}{'...' if len(data) > 40 else ''}"


def differences(expected: Tree, seen: Tree) -> list[str]:
    """One sentence for each way in which the trees differ; none if they are equal."""
    expected, seen = with_parents(expected), with_parents(seen)
    expected_links, seen_links = _links(expected), _links(seen)
    lines = []
    for path in sorted(expected.keys() | seen.keys()):
        want, have = expected.get(path), seen.get(path)
        if want is None:
            lines.append(f"{path} should not be there")
        elif have is None:
            lines.append(f"{path} is missing")
        elif path == "/":
            continue  # its mode is the image maker's choice
        elif want.mode != have.mode:
            lines.append(f"{path} has mode {have.mode:o}, not {want.mode:o}")
        elif want.data != have.data:
            at = next((i for i, (a, b) in enumerate(zip(want.data, have.data)) if a != b), None)
            place = "" if at is None else f", first different at byte {at}"
            lines.append(f"{path} holds {_show(have.data)}, not {_show(want.data)}{place}")
        elif (want.uid, want.gid, want.device) != (have.uid, have.gid, have.device):
            lines.append(f"{path} differs in owner or device: {have} and not {want}")
        elif expected_links[path] != seen_links[path]:
            lines.append(f"{path} is one file with {seen_links[path]}, not {expected_links[path]}")
    return lines
