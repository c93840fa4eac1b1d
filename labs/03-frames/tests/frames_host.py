"""The host's side of lab `frames`: scripts for the probe, and the allocator's state as it lies in
guest memory, read without any help of the kernel's code.

    guest = Guest(start, symbols, folder, [take(0, order=3), stop()], memory="64M")
    before = guest.look_at_stop()       # a Snapshot, at the script's first stop
    guest.results(1)                    # what line 0 gave: a physical address, or 0

The layout of the structures is that of docs/mm.md, "For walkers on the host".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import LINEAR, Probe

PAGE = 4096
RAM = 0x80000000
MAX_ORDER = 10
USES = ("kernel", "page tables", "stacks", "heap", "user", "files")
RESERVED, FREE, CACHED, USED, SLAB = range(1, 6)
HARTS = 8


# The script: one line is 16 bytes. The numbers are those of kernel/frames_probe.cc.


def line(op: int, slot: int = 0, order: int = 0, use: int = 0, other: int = 0, value: int = 0):
    return struct.pack("<BBBBHHQ", op, order, use, 0, slot, other, value)


def stop() -> bytes:
    return line(1)


def take(slot: int, order: int) -> bytes:
    return line(2, slot, order)


def give(slot: int, order: int) -> bytes:
    return line(3, slot, order)


def block(slot: int, order: int, use: int = 4) -> bytes:
    return line(4, slot, order, use)


def free_block(slot: int, order: int) -> bytes:
    return line(5, slot, order)


def frame(slot: int, use: int = 4) -> bytes:
    return line(6, slot, use=use)


def retain(slot: int) -> bytes:
    return line(7, slot)


def release(slot: int) -> bytes:
    return line(8, slot)


def inside(slot: int, other: int, frames: int) -> bytes:
    return line(9, slot, other=other, value=frames)


def at_address(slot: int, address: int) -> bytes:
    return line(10, slot, value=address)


def stats() -> bytes:
    return line(11)


def object_of(slot: int, size: int) -> bytes:
    return line(12, slot, value=size)


def free_object(slot: int) -> bytes:
    return line(13, slot)


# What lies in guest memory.


@dataclass
class Descriptor:
    references: int
    state: int
    use: int
    order: int
    next: int
    previous: int


@dataclass
class Snapshot:
    """The allocator at one moment. Pages are physical page numbers."""

    first_page: int
    count: int
    total: int
    array: int  # where the descriptors lie (physical)
    descriptors: bytes
    free: dict[int, set[int]] = field(default_factory=dict)  # order: first pages
    cached: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=list)  # by use, as the harts' counters have it

    def descriptor(self, page: int) -> Descriptor:
        at = 32 * (page - self.first_page)
        references, state, use, order, _ = struct.unpack_from("<IBBBB", self.descriptors, at)
        following, previous = struct.unpack_from("<QQ", self.descriptors, at + 8)
        return Descriptor(references, state, use, order, following, previous)

    def free_pages(self) -> set[int]:
        """The pages of all blocks in the lists."""
        return {p + i for n, blocks in self.free.items() for p in blocks for i in range(1 << n)}

    def read_lists(self, heads: bytes) -> None:
        for order in range(MAX_ORDER + 1):
            first, count = struct.unpack_from("<QQ", heads, 16 * order)
            self.free[order] = self._read_list(order, first, count)
        seen: dict[int, int] = {}
        for order, blocks in self.free.items():
            for page in blocks:
                for inner in range(page, page + (1 << order)):
                    if inner in seen:
                        fail(
                            f"page {inner * PAGE:#x} is free twice: in a block of order "
                            f"{seen[inner]} and in one of order {order}",
                            "a block was given back as more than it is, or added twice",
                        )
                    seen[inner] = order

    def _read_list(self, order: int, pointer: int, count: int) -> set[int]:
        where, pages, before = f"the list of free blocks of order {order}", set(), 0
        while pointer:
            offset = pointer - LINEAR - self.array
            if offset % 32 or not 0 <= offset < 32 * self.count:
                fail(f"{where} leads to {pointer:#x}, which is no descriptor")
            page = self.first_page + offset // 32
            found = self.descriptor(page)
            if page in pages:
                fail(f"{where} has page {page * PAGE:#x} twice: it never ends")
            if page % (1 << order):
                fail(
                    f"{where} has a block at {page * PAGE:#x}, which is not aligned to its size, "
                    f"{PAGE << order:#x}",
                    "a block of order n begins at a multiple of 2^n pages, or its buddy cannot "
                    "be found by flipping a bit",
                )
            if (found.state, found.order) != (FREE, order):
                fail(
                    f"the block at {page * PAGE:#x} is in {where}, but its descriptor says state "
                    f"{found.state}, order {found.order}",
                    "two free blocks overlap: where buddies unite, the new block begins where the "
                    "lower one did. Or lists were changed without add_free_block()",
                )
            if found.previous != before:
                fail(f"in {where}, {page * PAGE:#x} does not point back to the block before it")
            pages.add(page)
            before, pointer = pointer, found.next
        if len(pages) != count:
            fail(f"{where} has {len(pages)} blocks, but its count says {count}")
        return pages


Start = Callable[..., Machine]


class Guest(Probe):
    """A machine under gdb that runs a script and stops where it says so."""

    def __init__(
        self,
        start: Start,
        symbols: Symbols,
        folder: Path,
        script: Sequence[bytes] = (),
        **options: object,
    ) -> None:
        path = folder / "script.bin"
        path.write_bytes(b"".join(script) + bytes(16))
        options.setdefault("initrd", path)
        options.setdefault("memory", "64M")
        machine = start(gdb=True, append="ktest=frames_lab_script", **options)
        super().__init__(machine, symbols, "frames_lab")

    def look_at_stop(self) -> Snapshot:
        """Runs to the script's next stop, and says how memory looks there."""
        self.run_to_stop()
        return self.snapshot()

    def look_past(self, function: str) -> Snapshot:
        """Runs until `function` has returned, and says how memory looks there."""
        self.run_past(function)
        return self.snapshot()

    def stats(self) -> tuple[int, int, list[int]]:
        """The statistics that the kernel counted last: total, free, used by use."""
        total, free, *used = self.words("frames_lab_stats", 2 + len(USES))
        return total, free, used

    def snapshot(self) -> Snapshot:
        frames, first, count, total = self.words("frame_array", 4)
        array = frames - LINEAR
        end = array + 32 * count
        if array < RAM or end > RAM + self.ram_size() or not count:
            fail(f"frame_array says {count} descriptors at {frames:#x}: it is not set up")
        found = Snapshot(first, count, total, array, self.machine.read_memory(array, 32 * count))
        found.read_lists(self.read(self.physical("free_lists"), 16 * (MAX_ORDER + 1)))
        found.used = [0] * len(USES)
        for hart in range(HARTS):
            cache = self.read(self.physical("frame_caches") + 320 * hart, 320)
            pointers = struct.unpack_from("<32Q", cache)
            (held,) = struct.unpack_from("<I", cache, 256)
            found.cached += [first + (p - LINEAR - array) // 32 for p in pointers[:held]]
            for use, number in enumerate(struct.unpack_from("<6q", cache, 264)):
                found.used[use] += number
        return found

    def ram_size(self) -> int:
        text = self.machine.options.memory
        return int(text[:-1]) << {"K": 10, "M": 20, "G": 30}[text[-1]]
