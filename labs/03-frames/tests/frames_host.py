"""The host's side of lab `frames`: scripts for the probe, and the allocator's state as it lies in
guest memory, read without any help of the kernel's code.

    guest = Guest(start, symbols, folder, [take(0, order=3), stop()], memory="64M")
    before = guest.look_at_stop()       # a Snapshot, at the script's first stop
    guest.results(1)                    # what line 0 gave: a physical address, or 0

The layout of the structures is that of docs/mm.md, "For walkers on the host".
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from grading.errors import GuestPanic
from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import LINEAR, Probe

PAGE = 4096
RAM = 0x80000000
MAX_ORDER = 10
USES = ("kernel", "page tables", "stacks", "heap", "user", "files")
RESERVED, FREE, CACHED, USED, SLAB = range(1, 6)
STATES = {1: "kReserved", 2: "kFree", 3: "kCached", 4: "kUsed", 5: "kSlab"}
HARTS = 8
CACHE = 320  # bytes of a hart's cache of frames
COUNT, COUNTERS = 256, 264  # offsets in it: of `count`, of `used`
FIRMWARE = range(RAM, RAM + 0x80000)


# The script: one line is 16 bytes. The numbers are those of kernel/frames_probe.cc.


class Op(IntEnum):
    STOP = 1
    TAKE = 2
    GIVE = 3
    BLOCK = 4
    FREE_BLOCK = 5
    FRAME = 6
    RETAIN = 7
    RELEASE = 8
    INSIDE = 9
    HALF = 10
    ADDRESS = 11
    STATS = 12
    OBJECT = 13
    FREE_OBJECT = 14


# What a line does, as the kernel has it.
SAYS = {
    Op.TAKE: "slot {slot} = buddy_take({order})",
    Op.GIVE: "buddy_give(slot {slot}, {order})",
    Op.BLOCK: "slot {slot} = allocate_frames({order})",
    Op.FREE_BLOCK: "free_frames(slot {slot}, {order})",
    Op.FRAME: "slot {slot} = allocate_frame()",
    Op.RETAIN: "slot {slot}->retain()",
    Op.RELEASE: "slot {slot}->release()",
    Op.INSIDE: "slot {slot} = the frame {value} after slot {other}",
    Op.HALF: "slot {slot} = the {half} half of the buddies of order {order} at slot {other}",
    Op.ADDRESS: "slot {slot} = the frame at {value:#x}",
    Op.STATS: "memory_stats()",
    Op.OBJECT: "slot {slot} = heap_allocate({value})",
    Op.FREE_OBJECT: "heap_free(slot {slot})",
    Op.STOP: "(the host looks)",
}
LINE = "<BBBBHHQ"


def line(op: Op, slot: int = 0, order: int = 0, use: int = 0, other: int = 0, value: int = 0):
    return struct.pack(LINE, op, order, use, 0, slot, other, value)


def in_words(text: bytes) -> str:
    """A line of the script for people."""
    op, order, _, _, slot, other, value = struct.unpack(LINE, text)
    half = "upper" if value else "lower"
    return SAYS[Op(op)].format(slot=slot, order=order, other=other, value=value, half=half)


def stop() -> bytes:
    return line(Op.STOP)


def take(slot: int, order: int) -> bytes:
    return line(Op.TAKE, slot, order)


def give(slot: int, order: int) -> bytes:
    return line(Op.GIVE, slot, order)


def block(slot: int, order: int, use: int = 4) -> bytes:
    return line(Op.BLOCK, slot, order, use)


def free_block(slot: int, order: int) -> bytes:
    return line(Op.FREE_BLOCK, slot, order)


def frame(slot: int, use: int = 4) -> bytes:
    return line(Op.FRAME, slot, use=use)


def retain(slot: int) -> bytes:
    return line(Op.RETAIN, slot)


def release(slot: int) -> bytes:
    return line(Op.RELEASE, slot)


def inside(slot: int, other: int, frames: int) -> bytes:
    return line(Op.INSIDE, slot, other=other, value=frames)


def half(slot: int, other: int, order: int, upper: bool) -> bytes:
    return line(Op.HALF, slot, order, other=other, value=int(upper))


def at_address(slot: int, address: int) -> bytes:
    return line(Op.ADDRESS, slot, value=address)


def stats() -> bytes:
    return line(Op.STATS)


def object_of(slot: int, size: int) -> bytes:
    return line(Op.OBJECT, slot, value=size)


def free_object(slot: int) -> bytes:
    return line(Op.FREE_OBJECT, slot)


# What lies in guest memory.


@dataclass
class Descriptor:
    references: int
    state: int
    use: int
    order: int
    next: int
    previous: int

    def name(self) -> str:
        """Its state as the kernel names it."""
        return STATES.get(self.state, f"no state ({self.state})")


def descriptor_of_free(index: int) -> bytes:
    """A descriptor as if the largest block that can begin at this index were free and alone."""
    order = min((index & -index).bit_length() - 1, MAX_ORDER) if index else MAX_ORDER
    return struct.pack("<IBBBBQQQ", 0, FREE, 0, order, 0, 0, 0, 0)


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
                            "a first block reaches beyond its run, or a block was given back as "
                            "more than it is, or was added twice",
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
                    f"the block at {page * PAGE:#x} is in {where}, but its descriptor says "
                    f"{found.name()}, order {found.order}",
                    "two free blocks overlap, or a block is used and free at once: which two blocks "
                    "are the halves of one, and where does each begin? Or a list was changed without "
                    "add_free_block()",
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
        machine = start(gdb=True, append="ktest=probe_frames_script", **options)
        super().__init__(machine, symbols, "frames_lab", test="probe_frames_script")
        self.script_lines = [in_words(text) for text in script]

    def outcome(self, line: int) -> str:
        if " = " not in self.script_lines[line]:
            return ""
        return f", which gave {self.results(line + 1)[line]:#x}"

    def look_at_stop(self) -> Snapshot:
        """Runs to the script's next stop, and says how memory looks there."""
        self.run_to_stop()
        with self.explained():
            return self.snapshot()

    def look_past_boot(self) -> Snapshot:
        """Runs until initialise_frames() has returned, and says how memory looks there."""
        try:
            self.run_past("initialise_frames")
        except GuestPanic as error:
            if "access fault" not in str(error):
                raise
            raise GuestPanic(
                f"{error}\n  why: an access fault is an address where no memory is, or the firmware's "
                f"({FIRMWARE.start:#x} to {FIRMWARE.stop - 1:#x}), which the kernel may not touch: is "
                "all of `reserved` in the map, as taken?"
            ) from None
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
        caches = self.read(self.physical("frame_caches"), CACHE * HARTS)
        for hart in range(HARTS):
            cache = caches[CACHE * hart : CACHE * (hart + 1)]
            pointers = struct.unpack_from("<32Q", cache)
            (held,) = struct.unpack_from("<I", cache, COUNT)
            found.cached += [first + (p - LINEAR - array) // 32 for p in pointers[:held]]
            for use, number in enumerate(struct.unpack_from("<6q", cache, COUNTERS)):
                found.used[use] += number
        return found

    def move_to_other_harts(self, rng: random.Random) -> None:
        """Makes it look as if other harts had taken frames too: moves what hart 0 has cached, and
        counts frames as taken by one hart and given back by another.
        """
        gdb, caches = self.machine.gdb, self.address("frame_caches")
        (held,) = struct.unpack("<I", gdb.read(caches + COUNT, 4))
        for hart in rng.sample(range(1, HARTS), 3):
            there = caches + CACHE * hart
            (theirs,) = struct.unpack("<I", gdb.read(there + COUNT, 4))
            moved = rng.randrange(min(held, 32 - theirs) + 1)
            held -= moved
            gdb.write(there + 8 * theirs, gdb.read(caches + 8 * held, 8 * moved) if moved else b"")
            gdb.write(there + COUNT, struct.pack("<I", theirs + moved))
            for use in range(len(USES)):
                self._add(caches + COUNTERS + 8 * use, change := rng.randrange(1, 50))
                self._add(there + COUNTERS + 8 * use, -change)
        gdb.write(caches + COUNT, struct.pack("<I", held))

    def _add(self, address: int, change: int) -> None:
        (value,) = struct.unpack("<q", self.machine.gdb.read(address, 8))
        self.machine.gdb.write(address, struct.pack("<q", value + change))

    def ram_size(self) -> int:
        text = self.machine.options.memory
        return int(text[:-1]) << {"K": 10, "M": 20, "G": 30}[text[-1]]
