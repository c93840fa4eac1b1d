"""Calls functions of the boot stage from outside, through gdb: arguments in, results out.

    stage = StageCalls(machine, symbols)
    verdict = stage.judge(file, memory_map)         # elf_validate(file, map, plan, refusal)
    stage.load(file, segment)                       # load_segment(file, segment, to)

The machine stands at the stage's first instruction. Each call gets a stack and arguments in RAM
that the stage does not use, so that no earlier exercise is needed. Files end where RAM ends: a
read past a file's end is a trap.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from grading.elf_file import Segment
from grading.errors import GuestEnded
from grading.machine import Machine
from grading.symbols import Symbols

MEMORY_END = 0x88000000  # of a machine with 128 MiB
MAP, PLAN, REFUSAL, SEGMENT, STACK = (0x85000000 + 0x100000 * i for i in range(5))
PLAN_SEGMENTS = 32
SEGMENT_SIZE = 56


@dataclass(frozen=True)
class MemoryMap:
    """What elf_validate() is told about memory: pieces of RAM, and what is taken of them."""

    ram: list[tuple[int, int]]
    occupied: list[tuple[int, int, str]]

    def write(self, machine: Machine) -> None:
        at = MAP + 32
        ram = b"".join(struct.pack("<QQ", *piece) for piece in self.ram)
        names, rows = b"", b""
        names_at = at + len(ram) + 24 * len(self.occupied)
        for start, size, owner in self.occupied:
            rows += struct.pack("<QQQ", start, size, names_at + len(names))
            names += owner.encode() + b"\0"
        spans = struct.pack("<QQQQ", at, len(self.ram), at + len(ram), len(self.occupied))
        machine.gdb.write(MAP, spans + ram + rows + names)


@dataclass(frozen=True)
class Verdict:
    """What a call came to: `end` is "returned", or how it died; texts are for messages."""

    end: str
    value: int = 0
    sentence: str = ""
    entry: int = 0
    count: int = 0

    def __str__(self) -> str:
        if self.end != "returned":
            return self.end
        if self.value:
            return f"accepted, {self.count} segments to load, entry {self.entry:#x}"
        return f"refused: {self.sentence}"


class StageCalls:
    """See above."""

    def __init__(self, machine: Machine, symbols: Symbols) -> None:
        self.machine, self.symbols, self.gdb = machine, symbols, machine.gdb
        self.back = symbols.address("boot_start")
        self.gdb.run_to(self.back)
        self.gdb.set_breakpoint(self.back)
        self.ends = {symbols.address(name): name for name in ("panic", "boot_trap", "boot_stub")}
        for address in self.ends:
            self.gdb.set_breakpoint(address)
        self.gdb.write_register("stvec", symbols.address("trap_entry"))

    def text(self, address: int, size: int = 160) -> str:
        return self.gdb.read(address, size).split(b"\0")[0].decode("latin-1")

    def call(self, function: str, *arguments: int) -> Verdict:
        """Runs one function of the stage until it returns or dies."""
        for number, argument in enumerate(arguments):
            self.gdb.write_register(f"a{number}", argument)
        self.gdb.write_register("sp", STACK)
        self.gdb.write_register("ra", self.back)
        self.gdb.write_register("pc", self.symbols.address(function))
        try:
            self.gdb.resume_until_stop(5)
        except GuestEnded:
            return Verdict(f"the machine ended inside {function}()")
        registers = self.gdb.registers()
        a0, a1, a2 = registers["a0"], registers["a1"], registers["a2"]
        how = self.ends.get(registers["pc"])
        if how == "boot_trap":
            return Verdict(f"trap: scause {a0:#x}, sepc {a1:#x}, stval {a2:#x}")
        if how:
            return Verdict(f"panic: {self.text(a0)}")
        return Verdict("returned", a0)

    def put_file(self, file: bytes) -> int:
        """Writes the file to where RAM ends."""
        at = MEMORY_END - len(file)
        self.gdb.write(at, file)
        return at

    def judge(self, file: bytes, memory: MemoryMap) -> Verdict:
        """What elf_validate() says."""
        memory.write(self.machine)
        self.gdb.write(REFUSAL, bytes(160))
        at = self.put_file(file)
        verdict = self.call("elf_validate", at, len(file), MAP, PLAN, REFUSAL)
        if verdict.end != "returned":
            return verdict
        if not verdict.value & 0xFF:
            return Verdict("returned", 0, self.text(REFUSAL))
        count, entry = struct.unpack("<I4xQ", self.gdb.read(PLAN + SEGMENT_SIZE * PLAN_SEGMENTS, 16))
        return Verdict("returned", 1, "", entry, count)

    def load(self, file: bytes, segment: Segment, offset: int) -> Verdict:
        """Lets load_segment() load the segment whose bytes stand at `offset` of the file."""
        size = segment.memsz or 0
        row = struct.pack("<I4xQQQQQI4x", 0, offset, len(segment.data), segment.linked,
                          segment.paddr, size, segment.flags)  # fmt: skip
        self.gdb.write(SEGMENT, row)
        at = self.put_file(file)
        return self.call("load_segment", at, len(file), SEGMENT, segment.paddr)
