"""What the device tree says about memory, read from guest memory by a parser of the host's own.

Reference: Devicetree Specification 0.4, chapter 5.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9


@dataclass(frozen=True)
class Range:
    """Bytes of physical memory, and whose they are."""

    start: int
    size: int
    owner: str

    @property
    def end(self) -> int:
        return self.start + self.size


def _properties(blob: bytes) -> Iterator[tuple[str, str, bytes]]:
    """(path of the node, name, value) of every property."""
    structure, strings = struct.unpack_from(">2I", blob, 8)
    path: list[str] = []
    at = structure
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN_NODE:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            at = (end + 4) & ~3
        elif token == END_NODE:
            path.pop()
        elif token == PROPERTY:
            size, name = struct.unpack_from(">2I", blob, at)
            end = blob.index(b"\0", strings + name)
            value = blob[at + 8 : at + 8 + size]
            yield "/".join(path) or "/", blob[strings + name : end].decode(), value
            at = (at + 8 + size + 3) & ~3
        elif token == END:
            return


def _pairs(value: bytes) -> list[tuple[int, int]]:
    words = struct.unpack(f">{len(value) // 8}Q", value)
    return list(zip(words[::2], words[1::2]))


def read_tree(read: Callable[[int, int], bytes], address: int) -> tuple[list[Range], list[Range]]:
    """RAM, and what of it the tree says is taken: by the firmware, the initrd, the tree itself.

    QEMU's virt machine has two cells for each address and each size.
    """
    size = struct.unpack(">I", read(address + 4, 4))[0]
    memory: list[Range] = []
    taken = [Range(address, size, "the device tree")]
    initrd = {}
    for path, name, value in _properties(read(address, size)):
        if name == "reg" and path.startswith("/memory@"):
            memory += [Range(start, length, path) for start, length in _pairs(value)]
        elif name == "reg" and path.startswith("/reserved-memory/"):
            taken += [Range(start, length, "the firmware") for start, length in _pairs(value)]
        elif path == "/chosen" and name.startswith("linux,initrd-"):
            initrd[name] = int.from_bytes(value, "big")
    if initrd:
        start, end = initrd["linux,initrd-start"], initrd["linux,initrd-end"]
        taken.append(Range(start, end - start, "the initial file system (initrd)"))
    return memory, taken
