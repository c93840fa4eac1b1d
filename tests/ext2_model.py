"""A file system as Python objects: what ext2 should hold after a sequence of operations.

`Model` knows what each operation must answer (0 or an errno) and, by `tree()`, what debugfs must
find afterwards. `random_operation` proposes operations that mostly make sense. Both the host test
and the test in QEMU use them.
"""

from __future__ import annotations

import errno
import os
import random
import stat
from dataclasses import dataclass, field

from grading.tree import Node, Tree

WORDS = ["a", "b", "c", "dir", "file", "name", "x" * 40, "longer-" * 20, "y" * 255]


def pattern(seed: int, start: int, count: int) -> bytes:
    """The bytes that `write` puts at `start`."""
    return bytes((at * 167 + seed * 13 + (at >> 8)) % 251 for at in range(start, start + count))


@dataclass
class Inode:
    mode: int
    data: bytearray = field(default_factory=bytearray)
    entries: dict[str, Inode] = field(default_factory=dict)
    device: tuple[int, int] = (0, 0)
    links: int = 0

    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class Fault(Exception):
    """An operation that must fail with this errno."""


class Model:
    def __init__(self, tree: Tree | None = None) -> None:
        self.root = Inode(stat.S_IFDIR | 0o755)
        for path, node in sorted((tree or {}).items()):
            if path != "/":
                folder, name = self._parent(path)
                folder.entries[name] = Inode(node.mode, bytearray(node.data), links=1)

    def apply(self, words: list[str]) -> int:
        """Does the operation; the errno that it must answer with. A fault changes nothing."""
        try:
            getattr(self, "do_" + words[0])(*words[1:])
        except Fault as fault:
            return int(fault.args[0])
        return 0

    def tree(self) -> Tree:
        tree: Tree = {}
        names: dict[int, str] = {}
        for path, inode in self.walk():
            link = ""
            if stat.S_ISREG(inode.mode) and inode.links > 1:
                link = names.setdefault(id(inode), path)
            tree[path] = Node(inode.mode, bytes(inode.data), device=inode.device, link=link)
        return tree

    def walk(self) -> list[tuple[str, Inode]]:
        found = []
        folders = [("", self.root)]
        while folders:
            path, folder = folders.pop()
            for name, inode in folder.entries.items():
                found.append((f"{path}/{name}", inode))
                if inode.is_folder():
                    folders.append((f"{path}/{name}", inode))
        return found

    # Operations, by the names of the script.

    def do_mkdir(self, path: str) -> None:
        self._add(path, Inode(stat.S_IFDIR | 0o755))

    def do_create(self, path: str) -> None:
        self._add(path, Inode(stat.S_IFREG | 0o644))

    def do_node(self, path: str, mode: str, major: str, minor: str) -> None:
        self._add(path, Inode(int(mode), device=(int(major), int(minor))))

    def do_symlink(self, target: str, path: str) -> None:
        self._add(path, Inode(stat.S_IFLNK | 0o777, bytearray(target.encode())))

    def do_link(self, old: str, path: str) -> None:
        inode = self._find(old)
        self._free_name(path)
        if inode.is_folder():
            raise Fault(errno.EPERM)
        self._add(path, inode)

    def do_unlink(self, path: str) -> None:
        folder, name = self._parent(path)
        if self._child(folder, name).is_folder():
            raise Fault(errno.EISDIR)
        folder.entries.pop(name).links -= 1

    def do_rmdir(self, path: str) -> None:
        folder, name = self._parent(path)
        victim = self._child(folder, name)
        if not victim.is_folder():
            raise Fault(errno.ENOTDIR)
        if victim.entries:
            raise Fault(errno.ENOTEMPTY)
        del folder.entries[name]

    def do_rename(self, old: str, new: str) -> None:
        source, old_name = self._parent(old)
        moved = self._child(source, old_name)
        target, new_name = self._parent(new)
        replaced = target.entries.get(new_name)
        if replaced is moved:
            return
        if moved.is_folder() and f"{new}/".startswith(f"{old}/"):
            raise Fault(errno.EINVAL)
        if replaced and moved.is_folder() != replaced.is_folder():
            raise Fault(errno.ENOTDIR if moved.is_folder() else errno.EISDIR)
        if replaced and replaced.entries:
            raise Fault(errno.ENOTEMPTY)
        if replaced:
            replaced.links -= 1
        del source.entries[old_name]
        target.entries[new_name] = moved

    def do_exchange(self, old: str, new: str) -> None:
        source, old_name = self._parent(old)
        target, new_name = self._parent(new)
        first, second = self._child(source, old_name), self._child(target, new_name)
        source.entries[old_name] = second
        target.entries[new_name] = first

    def do_write(self, path: str, offset: str, count: str, seed: str) -> None:
        data = self._file(path).data
        start, size = int(offset), int(count)
        data.extend(bytes(max(0, start + size - len(data))))
        data[start : start + size] = pattern(int(seed), start, size)

    def do_truncate(self, path: str, size: str) -> None:
        data = self._file(path).data
        del data[int(size) :]
        data.extend(bytes(int(size) - len(data)))

    # Paths.

    def _parent(self, path: str) -> tuple[Inode, str]:
        folder = self.root
        *above, name = path.strip("/").split("/")
        for part in above:
            folder = self._child(folder, part)
        return folder, name

    def _child(self, folder: Inode, name: str) -> Inode:
        if not folder.is_folder():
            raise Fault(errno.ENOTDIR)
        if name not in folder.entries:
            raise Fault(errno.ENOENT)
        return folder.entries[name]

    def _find(self, path: str) -> Inode:
        return self._child(*self._parent(path))

    def _file(self, path: str) -> Inode:
        inode = self._find(path)
        if not stat.S_ISREG(inode.mode):
            raise Fault(errno.EISDIR)
        return inode

    def _free_name(self, path: str) -> tuple[Inode, str]:
        folder, name = self._parent(path)
        if not folder.is_folder():
            raise Fault(errno.ENOTDIR)
        if name in folder.entries:
            raise Fault(errno.EEXIST)
        return folder, name

    def _add(self, path: str, inode: Inode) -> None:
        folder, name = self._free_name(path)
        folder.entries[name] = inode
        inode.links += 1


def _related(first: str, second: str) -> bool:
    """Whether one of the paths lies in the other."""
    return f"{first}/".startswith(f"{second}/") or f"{second}/".startswith(f"{first}/")


def random_operation(
    model: Model, rng: random.Random, block: int, *, exchange: bool = True
) -> list[str]:
    """An operation for the present state; about one in ten must fail."""
    nodes = model.walk()
    folders = [path for path, inode in nodes if inode.is_folder()]
    files = [path for path, inode in nodes if stat.S_ISREG(inode.mode)]

    def new() -> str:
        name = rng.choice(WORDS)[:240] + str(rng.randrange(30))
        return f"{rng.choice(['', '', *folders])}/{name}"

    def old(paths: list[str]) -> str:
        return rng.choice(paths) if paths and rng.random() < 0.95 else new()

    def contents() -> str:
        """A file, or what has none: no link, which would lead elsewhere, and no device."""
        others = {path for path, inode in nodes if not stat.S_ISREG(inode.mode)} - {*folders}
        return next(path for path in iter(lambda: old(files), "") if path not in others)

    every = [path for path, _ in nodes]
    kind = rng.choices(
        ["mkdir", "create", "write", "truncate", "unlink", "rmdir", "link", "symlink", "rename",
         "exchange", "node"],
        [8, 14, 30, 8, 12, 5, 5, 4, 10, 2 if exchange else 0, 2],
    )[0]  # fmt: skip
    edge = rng.choice([0, 1, 12, 12 + block // 4, 12 + block // 4 + 30])
    size = max(0, edge * block + rng.randrange(-block, block))
    if kind == "mkdir":
        return [kind, old(every) if rng.random() < 0.1 else new()]
    if kind == "create":
        return [kind, new()]
    if kind == "write":
        return [kind, contents(), str(size), str(rng.randrange(1, 3 * block)),
                str(rng.randrange(100))]  # fmt: skip
    if kind == "truncate":
        return [kind, contents(), str(size)]
    if kind == "unlink":
        return [kind, old(every if rng.random() < 0.1 else files)]
    if kind == "rmdir":
        return [kind, old(folders)]
    if kind == "link":
        return [kind, old(files), new()]
    if kind == "symlink":
        return [kind, "t" * rng.choice([1, 59, 60, 61, 200, 1000]), new()]
    if kind == "node":
        major, minor = rng.choice([(1, 3), (5, 1), (300, 7), (8, 1000)])
        return [kind, new(), str(stat.S_IFCHR | 0o600), str(major), str(minor)]
    first = old(every)
    second = new() if kind == "rename" and rng.random() < 0.6 else old(every)
    if _related(first, second):
        return ["rename", first, os.path.dirname(first).rstrip("/") + "/r" + str(rng.randrange(30))]
    return [kind, first, second]
