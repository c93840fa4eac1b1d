"""Archives in cpio's "newc" format, as an initramfs is: written byte for byte the same each time.

    python3 -m grading.cpio OUTPUT FOLDER [--node PATH:c:MAJOR:MINOR]...

Reference: Linux's Documentation/driver-api/early-userspace/buffer-format.
"""

from __future__ import annotations

import argparse
import stat
from pathlib import Path

from grading.tree import Node, Tree, character_device, from_folder, with_parents

MAGIC = b"070701"
TRAILER = "TRAILER!!!"
HEADER = 110
FIELDS = 13


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _entry(name: str, inode: int, node: Node, links: int, data: bytes) -> bytes:
    major, minor = node.device
    raw = name.encode() + b"\0"
    numbers = [inode, node.mode, node.uid, node.gid, links, 0, len(data), 0, 0, major, minor]
    header = MAGIC + b"".join(b"%08x" % n for n in [*numbers, len(raw), 0])
    return _pad(header + raw) + _pad(data)


def pack(tree: Tree) -> bytes:
    """The archive of a tree. Of a file with several names, the last one carries the data."""
    full = with_parents(tree)
    del full["/"]
    names: dict[str, list[str]] = {}
    for path, node in full.items():
        names.setdefault(node.link or path, []).append(path)
    inodes = {first: number for number, first in enumerate(names, start=1)}
    archive = b""
    for path, node in full.items():
        linked = names[node.link or path]
        data = node.data if path == linked[-1] else b""
        archive += _entry(path[1:], inodes[node.link or path], node, len(linked), data)
    archive += _entry(TRAILER, 0, Node(0), 1, b"")
    return archive + bytes(-len(archive) % 512)


def unpack(archive: bytes) -> Tree:
    """Reads an archive back; raises ValueError where it is malformed."""
    tree: Tree = {}
    shared: dict[int, list[str]] = {}
    at = 0
    while True:
        header = archive[at : at + HEADER]
        if len(header) < HEADER or not header.startswith(MAGIC):
            raise ValueError(f"no cpio header at byte {at}")
        fields = [int(header[6 + 8 * i : 14 + 8 * i], 16) for i in range(FIELDS)]
        inode, mode, uid, gid, links, _, size, _, _, major, minor, name_size, _ = fields
        name = archive[at + HEADER : at + HEADER + name_size - 1].decode()
        at += HEADER + name_size + -(HEADER + name_size) % 4
        if name == TRAILER:
            break
        data = archive[at : at + size]
        if len(data) < size:
            raise ValueError(f"{name}: the archive ends inside its data")
        at += size + -size % 4
        path = "/" + name
        tree[path] = Node(mode, data, uid, gid, (major, minor))
        if links > 1 and stat.S_ISREG(mode):
            shared.setdefault(inode, []).append(path)
    for paths in shared.values():
        data = tree[paths[-1]].data
        for path in paths:
            old = tree[path]
            tree[path] = Node(old.mode, data, old.uid, old.gid, old.device, link=paths[0])
    return tree


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m grading.cpio", description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--node", action="append", default=[], metavar="PATH:c:MAJOR:MINOR")
    arguments = parser.parse_args()
    tree = from_folder(arguments.folder)
    for text in arguments.node:
        path, _, major, minor = text.split(":")
        tree[path] = character_device(int(major), int(minor))
    arguments.output.write_bytes(pack(tree))


if __name__ == "__main__":
    main()
