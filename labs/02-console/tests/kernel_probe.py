"""Runs a probe of labs/02-console/kernel/probes.cc under gdb: stops the kernel at named places, reads
and sets registers there, and compares.

    probe = Probe(start, symbols, "registers", "lab=1")
    probe.run_to("lab_trap_here")
    had = probe.choose(rng)
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

from grading.errors import GuestEnded, GuestTimeout
from grading.gdb import ABI_NAMES
from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import check, fail

Start = Callable[..., Machine]
MASK = (1 << 64) - 1
X = [name for name in ABI_NAMES if name not in ("zero", "pc")]  # x1 … x31, the order of TrapFrame
FREE = [name for name in X if name not in ("sp", "tp")]  # what the host may choose in the kernel


class GuestRandom:
    """base/random.h: the host computes what the guest must."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        self.state ^= self.state >> 12
        self.state ^= self.state << 25 & MASK
        self.state ^= self.state >> 27
        return self.state * 0x2545F4914F6CDD1D & MASK


class Probe:
    """A machine that runs one probe of labs/02-console/kernel/probes.cc, and gdb on it."""

    def __init__(self, start: Start, symbols: Symbols, name: str, options: str, **more: Any) -> None:
        self.symbols = symbols
        self.machine = start(append=f"ktest=console_{name}_probe {options}", gdb=True, **more)
        self.gdb = self.machine.gdb

    def run_to(self, *places: str, timeout: float = 3, why: str = "") -> str:
        """Goes on until the kernel comes to one of the places, and tells which."""
        addresses = {self.symbols.address(place): place for place in places}
        for address in addresses:
            self.gdb.set_breakpoint(address)
        try:
            while True:
                self.gdb.resume_until_stop(timeout)
                pc = self.gdb.read_register("pc")
                if pc in addresses:
                    return addresses[pc]
        except (GuestEnded, GuestTimeout) as error:
            how = "ended" if isinstance(error, GuestEnded) else "goes on without end"
            fail(f"the kernel never comes to {' or '.join(places)}: it {how}; "
                 f"{last_words(self.machine)}", why)  # fmt: skip
            raise
        finally:
            if not self.gdb.running:
                for address in addresses:
                    self.gdb.clear_breakpoint(address)

    def registers(self) -> dict[str, int]:
        values = self.gdb.registers()
        return {name: values[name] for name in X}

    def choose(self, rng: random.Random) -> dict[str, int]:
        """Random values in all registers but sp and tp; returns what all 31 hold then."""
        for name in FREE:
            self.gdb.write_register(name, rng.getrandbits(64))
        return self.registers()

    def put_back(self, registers: dict[str, int]) -> None:
        for name, value in registers.items():
            self.gdb.write_register(name, value)

    def frame(self) -> dict[str, int]:
        """The TrapFrame at a0: x1 … x31, sepc, sstatus, scause, stval."""
        data = self.gdb.read(self.gdb.read_register("a0"), 35 * 8)
        return dict(zip([*X, "sepc", "sstatus", "scause", "stval"], struct.unpack("<35Q", data)))

    def number(self, name: str) -> int:
        return self.gdb.read_u64(self.symbols.address(name))


def last_words(machine: Machine) -> str:
    """What the kernel said last, for messages."""
    machine.console.join(1)
    lines = [x for x in machine.console.text.splitlines() if x.strip()]
    told = [x for x in lines if x.startswith("panic:")] or lines[-1:]
    return f"it said {told[0]!r}" if told else "it said nothing"


def check_registers(what: str, seen: dict[str, int], expected: dict[str, int], why: str) -> None:
    wrong = [name for name in expected if seen[name] != expected[name]]
    check(f"{what}: registers that differ",
          seen={name: f"{seen[name]:#x}" for name in wrong},
          expected={name: f"{expected[name]:#x}" for name in wrong}, why=why)  # fmt: skip
