"""What a file system should hold, and what a script of operations on it should answer.

A `Script` is a list of operations for user/ext2_script.c, each with the answer that the model has
for it: an errno and a number.
"""

from __future__ import annotations

import copy
import errno
import os
import random
import stat
import zlib
from dataclasses import replace

from grading.tree import Node, Tree, file, folder, symlink, with_parents

BLOCKS = (1024, 4096)  # the sizes of a block that tests choose from
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Answer = tuple[int, int | None]


def pattern(seed: int, start: int, count: int) -> bytes:
    """The bytes that `write` puts at `start`."""
    return bytes((at * 167 + seed * 13 + (at >> 8)) % 251 for at in range(start, start + count))


def summed(data: bytes) -> int:
    """The number that `read` and `text` answer."""
    return len(data) << 32 | zlib.adler32(data)


def random_name(rng: random.Random, longest: int = 60) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randint(3, longest)))


class Fault(Exception):
    """An operation that must fail with this errno."""


class Model:
    """A file system as a tree of nodes; names of one file share its `link`."""

    def __init__(self, tree: Tree | None = None) -> None:
        self.tree = with_parents(tree or {})

    def apply(self, words: list[str]) -> Answer:
        """Does the operation. A fault changes nothing; a number of None may be any."""
        try:
            return 0, getattr(self, "do_" + words[0])(*words[1:])
        except Fault as fault:
            return int(fault.args[0]), None

    def result(self) -> Tree:
        """The tree for comparison: a file that has one name left is no link."""
        names = [node.link for node in self.tree.values() if node.link]
        alone = {name for name in names if names.count(name) == 1}
        return {p: replace(n, link="") if n.link in alone else n for p, n in self.tree.items()}

    def _children(self, path: str) -> list[str]:
        above = "" if path == "/" else path
        return [p for p in self.tree if p != "/" and p.rsplit("/", 1)[0] == above]

    def _find(self, path: str) -> Node:
        parent = path.rsplit("/", 1)[0] or "/"
        if path != "/" and not self._find(parent).is_folder():
            raise Fault(errno.ENOTDIR)
        if path not in self.tree:
            raise Fault(errno.ENOENT)
        return self.tree[path]

    def _free(self, path: str) -> None:
        parent = self._find(path.rsplit("/", 1)[0] or "/")
        if not parent.is_folder():
            raise Fault(errno.ENOTDIR)
        if path in self.tree:
            raise Fault(errno.EEXIST)

    def _change(self, path: str, data: bytes) -> None:
        node = replace(self.tree[path], data=data)
        for name, other in self.tree.items():
            if name == path or (node.link and other.link == node.link):
                self.tree[name] = replace(other, data=data)

    def do_list(self, path: str) -> int:
        self._find(path)
        names = [".", ".."] + [p.rsplit("/", 1)[1] for p in self._children(path)]
        names += ["lost+found"] if path == "/" else []
        return sum(zlib.adler32(name.encode()) for name in names)

    def do_size(self, path: str) -> int | None:
        node = self._find(path)
        return None if node.is_folder() else len(node.data)

    def do_text(self, path: str) -> int:
        return summed(self._find(path).data)

    def do_create(self, path: str) -> int:
        self._free(path)
        self.tree[path] = file()
        return 0

    def do_mkdir(self, path: str) -> int:
        self._free(path)
        self.tree[path] = folder()
        return 0

    def do_symlink(self, text: str, path: str) -> int:
        self._free(path)
        self.tree[path] = symlink(text)
        return 0

    def do_link(self, old: str, path: str) -> int:
        node = self._find(old)
        self._free(path)
        if node.is_folder():
            raise Fault(errno.EPERM)
        self.tree[old] = self.tree[path] = replace(node, link=node.link or f"{old} {len(path)}")
        return 0

    def do_unlink(self, path: str) -> int:
        if self._find(path).is_folder():
            raise Fault(errno.EISDIR)
        del self.tree[path]
        return 0

    def do_rmdir(self, path: str) -> int:
        if not self._find(path).is_folder():
            raise Fault(errno.ENOTDIR)
        if self._children(path):
            raise Fault(errno.ENOTEMPTY)
        del self.tree[path]
        return 0

    def do_rename(self, old: str, new: str) -> int:
        moved = self._find(old)
        if not self._find(new.rsplit("/", 1)[0] or "/").is_folder():
            raise Fault(errno.ENOTDIR)
        replaced = self.tree.get(new)
        if old == new or (moved.link and replaced and replaced.link == moved.link):
            return 0
        if moved.is_folder() and new.startswith(f"{old}/"):
            raise Fault(errno.EINVAL)
        if replaced and moved.is_folder() != replaced.is_folder():
            raise Fault(errno.ENOTDIR if moved.is_folder() else errno.EISDIR)
        if replaced and self._children(new):
            raise Fault(errno.ENOTEMPTY)
        inside = [p for p in self.tree if p == old or p.startswith(f"{old}/")]
        self.tree.pop(new, None)
        self.tree |= {new + p[len(old) :]: self.tree.pop(p) for p in inside}
        return 0

    def do_write(self, path: str, offset: str, count: str, seed: str) -> int:
        data, start, size = bytearray(self._find(path).data), int(offset), int(count)
        data.extend(bytes(max(0, start + size - len(data))))
        data[start : start + size] = pattern(int(seed), start, size)
        self._change(path, bytes(data))
        return size

    def do_truncate(self, path: str, size: str) -> int:
        data = self._find(path).data[: int(size)]
        self._change(path, data + bytes(int(size) - len(data)))
        return 0

    def do_read(self, path: str, offset: str, count: str) -> int:
        return summed(self._find(path).data[int(offset) :][: int(count)])

    def do_sync(self) -> int:
        return 0


class Script:
    """Operations, and the answers that the model has for them."""

    def __init__(self, tree: Tree | None = None) -> None:
        self.model = Model(copy.copy(tree))
        self.steps: list[tuple[str, Answer | None]] = []

    def do(self, *words: str | int) -> None:
        """An operation that the model knows."""
        text = [str(word) for word in words]
        self.steps.append((" ".join(text), self.model.apply(text)))

    def ask(self, line: str, answer: Answer | None = None) -> int:
        """An operation whose answer the test knows, or judges itself; its place in the answers."""
        self.steps.append((line, answer))
        return len(self.steps) - 1


def show(line: str) -> str:
    return line if len(line) < 100 else line[:97] + "…"


def error_name(number: int) -> str:
    """As in a manual page: EUCLEAN (117)."""
    if number == 0:
        return "success"
    name = errno.errorcode.get(number)
    return f"{name} ({number}), {os.strerror(number)}" if name else f"{number}, which is no error"


def number_text(line: str, number: int) -> str:
    """What the number of an answer means."""
    word = line.split()[0]
    if word in ("read", "text"):
        return f"{number >> 32:,} bytes, sum {number & 0xFFFFFFFF:#x}"
    if word == "stat":
        mode = number >> 32 & 0xFFFF
        links, inode = number >> 48, number & 0xFFFFFFFF
        return f"inode {inode}, {links} links, {stat.filemode(mode)} ({mode:#o})"
    if word == "list":
        return f"sum of all names {number:#x}"
    return f"{number:,}"


def answer_text(line: str, answer: Answer) -> str:
    """An answer in words; a number that may be any is left out."""
    error, number = answer
    if error:
        return error_name(error)
    return "success" if number is None else f"success, {number_text(line, number)}"


def random_operation(script: Script, rng: random.Random, block: int) -> None:
    """One more operation that makes sense in the present state; some of them must fail."""
    tree = script.model.tree
    folders = ["" if path == "/" else path for path, node in tree.items() if node.is_folder()]
    files = [path for path, node in tree.items() if node.is_file()] or ["/none"]
    every = [path for path in tree if path != "/"] or ["/none"]
    new = f"{rng.choice(folders)}/{random_name(rng, 60)}"
    kind = rng.choice(
        "create create create write write write write mkdir mkdir unlink unlink rmdir rename rename "
        "link symlink truncate".split()
    )
    if kind in ("create", "mkdir"):
        script.do(kind, new)
    elif kind == "write" and files != ["/none"]:
        at = max(0, rng.choice([0, 1, 12, 12 + block // 4]) * block + rng.randrange(-block, block))
        script.do(kind, rng.choice(files), at, rng.randrange(1, 3 * block), rng.randrange(99))
    elif kind == "truncate" and files != ["/none"]:
        script.do(kind, rng.choice(files), rng.choice([0, 5, 12 * block + 7]))
    elif kind == "unlink":
        script.do(kind, rng.choice(files))
    elif kind == "rmdir":
        script.do(kind, rng.choice(folders) or "/none")
    elif kind == "link":
        script.do(kind, rng.choice(files), new)
    elif kind == "symlink":
        script.do(kind, "t" * rng.choice([1, 59, 60, 300]), new)
    elif kind == "rename":
        old = rng.choice(every)
        other = rng.choice([new, rng.choice(every)])
        if not old.startswith(f"{other}/"):
            script.do(kind, old, other)
