"""What the device tree says about memory, read from guest memory by a parser of the host's own.

Reference: Devicetree Specification 0.4, chapter 5.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grading.errors import GuestError

PAGE, RAM, MAGIC = 4096, 0x80000000, 0xD00DFEED
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


def _properties(blob: bytes) -> Iterator[tuple[str, str, bytes, int]]:
    """(path of the node, name, value, offset of the value) of every property."""
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
            yield "/".join(path) or "/", blob[strings + name : end].decode(), value, at + 8
            at = (at + 8 + size + 3) & ~3
        elif token == END:
            return


def _pairs(value: bytes) -> list[tuple[int, int]]:
    words = struct.unpack(f">{len(value) // 8}Q", value)
    return list(zip(words[::2], words[1::2]))


def tree_at(read: Callable[[int, int], bytes], address: int) -> bytes:
    """The device tree at an address that the guest names."""
    magic, size = struct.unpack(">2I", read(address, 8))
    if magic != MAGIC:
        raise GuestError(f"kernel_main() is given {address:#x} as the device tree's address; there is none")
    return read(address, size)


def read_tree(read: Callable[[int, int], bytes], address: int) -> tuple[list[Range], list[Range]]:
    """RAM, and what of it the tree says is taken: by the firmware, the initrd, the tree itself.

    QEMU's virt machine has two cells for each address and each size.
    """
    blob = tree_at(read, address)
    memory: list[Range] = []
    taken = [Range(address, len(blob), "the device tree")]
    initrd = {}
    for path, name, value, _ in _properties(blob):
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


def odd_borders(blob: bytes, rng: random.Random) -> Iterator[tuple[int, bytes]]:
    """Moves borders in a tree into the middle of pages: (offset, new bytes).

    RAM ends and begins a little further inside (but for the firmware's page), the initial file
    system begins a little later.
    """
    for path, name, value, offset in _properties(blob):
        if name == "reg" and path.startswith("/memory@"):
            bent = b""
            for start, size in _pairs(value):
                later, less = rng.randrange(1, PAGE), rng.randrange(1, PAGE)
                later = 0 if start == RAM else later
                bent += struct.pack(">2Q", start + later, size - later - less)
            yield offset, bent
        elif name == "linux,initrd-start":
            start = int.from_bytes(value, "big") + rng.randrange(1, 16)
            yield offset, start.to_bytes(len(value), "big")


def last_ram_moved(blob: bytes, start: int, size: int) -> tuple[int, bytes]:
    """Says in a tree that its last piece of RAM lies elsewhere: (offset, new bytes)."""
    pieces = [
        (int(path.split("@")[1], 16), offset)
        for path, name, _, offset in _properties(blob)
        if name == "reg" and path.startswith("/memory@")
    ]
    return max(pieces)[1], struct.pack(">2Q", start, size)
