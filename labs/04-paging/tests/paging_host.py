"""The host's side of lab `paging`: scripts for the probe, and what lies in guest memory: page tables
by grading's own walker, and who has which frame.

    guest = Guest(start, symbols, folder, [create(0), map_page(0, 0x1000, 0x2000, R), stop()])
    guest.run_to_stop()
    guest.walker(guest.results(1)[0]).mappings()

The layout of the allocator's structures is that of docs/mm.md, "For walkers on the host".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.machine import Machine
from grading.sv39 import PAGE, A, D, Mapping, R, TableError, U, V, W, Walker, X, root_of
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import LINEAR, Probe

RAM = 0x80000000
USER_END = 1 << 38
KERNEL_TABLE = 8  # as a table's number
LOAD_FAULT, STORE_FAULT, FETCH_FAULT = ((1 << 63) | cause for cause in (13, 15, 12))
ENOENT, ENOMEM, EEXIST = 2, 12, 17
PAGE_TABLE_USE, USER_USE = 1, 4
USED = 4  # the state of a frame with owners
RETURN = 0x00008067_00008067  # two `ret` instructions: what a page is filled with that is called

__all__ = ["A", "D", "LINEAR", "PAGE", "R", "U", "V", "W", "X", "Mapping"]


# The script: one line is 24 bytes. The numbers are those of kernel/paging_probe.cc.


def line(
    op: int,
    table: int = 0,
    level: int = 0,
    allocate: bool = False,
    flags: int = 0,
    va: int = 0,
    value: int = 0,
) -> bytes:
    return struct.pack("<BBBBIQQ", op, table, level, allocate, flags, va, value)


def stop() -> bytes:
    return line(1)


def create(table: int) -> bytes:
    return line(2, table)


def destroy(table: int) -> bytes:
    return line(3, table)


def walk(table: int, va: int, level: int, allocate: bool) -> bytes:
    return line(4, table, level, allocate, va=va)


def set_entry(table: int, va: int, level: int, entry: int) -> bytes:
    return line(5, table, level, True, va=va, value=entry)


def map_page(table: int, va: int, physical: int, flags: int) -> bytes:
    return line(6, table, flags=flags, va=va, value=physical)


def unmap(table: int, va: int) -> bytes:
    return line(7, table, va=va)


def protect(table: int, va: int, flags: int) -> bytes:
    return line(8, table, flags=flags, va=va)


def frames(slot: int, order: int) -> bytes:
    return line(9, level=order, value=slot)


def fill(slot: int, word: int) -> bytes:
    return line(10, level=slot, value=word)


def dirty(count: int) -> bytes:
    return line(11, value=count)


def use_up() -> bytes:
    return line(12)


def give_back() -> bytes:
    return line(13)


def switch(table: int, asid: int) -> bytes:
    return line(14, table, value=asid)


def flush_page(va: int, asid: int) -> bytes:
    return line(15, va=va, value=asid)


def flush_global(va: int) -> bytes:
    return line(16, va=va)


def flush_asid(asid: int) -> bytes:
    return line(17, value=asid)


def load(va: int) -> bytes:
    return line(18, va=va)


def store(va: int, value: int) -> bytes:
    return line(19, va=va, value=value)


def jump(va: int) -> bytes:
    return line(20, va=va)


def stack() -> bytes:
    return line(21)


def map_slot(table: int, va: int, slot: int, flags: int) -> bytes:
    return line(22, table, flags=flags, va=va, value=slot)


# What lies in guest memory.


def letters(flags: int) -> str:
    """An entry's flags as people write them."""
    return "".join(c if flags >> i & 1 else "-" for i, c in enumerate("vrwxugad"))


@dataclass(frozen=True)
class FrameState:
    references: int
    state: int


class Guest(Probe):
    """A machine under gdb that runs a script and stops where it says so."""

    def __init__(
        self,
        start: Callable[..., Machine],
        symbols: Symbols,
        folder: Path,
        script: Sequence[bytes] = (),
        **options: object,
    ) -> None:
        path = folder / "script.bin"
        path.write_bytes(b"".join(script) + bytes(24))
        options.setdefault("memory", "64M")
        machine = start(gdb=True, initrd=path, append="ktest=paging_lab_script", **options)
        super().__init__(machine, symbols, "paging_lab")
        self.check_boot()

    def check_boot(self) -> None:
        """Looks at the kernel's table before the hart first uses it: a bad one would be the end."""
        self.run_to("switch_satp")
        self.kernel_root = self.machine.gdb.read_register("a0")
        kernel = self.walker(self.kernel_root)
        self.kernel_map = self.mappings(kernel)
        for what, address in (
            ("the kernel's code", self.address("kernel_start")),
            ("the kernel's data", self.address("frame_array")),
            ("its stack", self.machine.gdb.read_register("sp")),
            ("the serial port", LINEAR + 0x10000000),
        ):
            if kernel.translate(address) != address - LINEAR:
                fail(
                    f"the kernel's own table does not map {what}, at {address:#x}",
                    "with this table the kernel could not go on. It is made by walk(), exercise 1: "
                    "does each level's index come from its own nine bits? If so: exercise 6",
                )

    def walker(self, root: int) -> Walker:
        """Walks the tables below the root at this physical address."""
        if root % PAGE or not RAM <= root < RAM + self.ram_size():
            fail(f"the root table is said to be at {root:#x}, where there is no RAM")
        return Walker(self._read_table, root)

    def _read_table(self, address: int, size: int) -> bytes:
        if not RAM <= address < RAM + self.ram_size():
            raise TableError(f"an entry points to a table at {address:#x}, where there is no RAM")
        return self.read(address, size)

    def current(self) -> Walker:
        """Walks the table that the hart translates by now."""
        satp = self.satp()
        try:
            root = root_of(satp)
        except TableError as error:
            fail(str(error), "satp holds the mode 8 in bits 63 to 60, the ASID, the root's page")
        return self.walker(root)

    def satp(self) -> int:
        return self.machine.registers()["satp"]

    def mappings(self, walker: Walker) -> list[Mapping]:
        """All leaves; a table that the manual forbids fails the test."""
        try:
            return walker.mappings()
        except TableError as error:
            fail(
                f"the page table is not right: {error}",
                "an entry that points to a table has V set and none of R, W, X, U, A, D",
            )
            raise

    def tables(self, walker: Walker) -> list[int]:
        self.mappings(walker)
        return walker.tables()

    def frame(self, physical: int) -> FrameState:
        """The descriptor of the frame at this address."""
        array, first, _, _ = self.words("frame_array", 4)
        at = array - LINEAR + 32 * (physical // PAGE - first)
        return FrameState(*struct.unpack("<IB", self.read(at, 5)))

    def used(self, use: int) -> int:
        """How many frames are in use for this, by the counters of the harts."""
        data = self.read(self.physical("frame_caches"), 320 * 8)
        return sum(struct.unpack_from("<q", data, 320 * hart + 264 + 8 * use)[0] for hart in range(8))

    def ram_size(self) -> int:
        text = self.machine.options.memory
        return int(text[:-1]) << {"K": 10, "M": 20, "G": 30}[text[-1]]
