"""Watches a guest that runs a probe: a kernel test that takes a script from the host, notes what
each line gave, and calls a function at which the host stops it.

    probe = Probe(start(gdb=True, append="ktest=paging_lab_script", …), symbols, "paging_lab")
    probe.run_to_stop()         # until paging_lab_stop() is called
    probe.step(), probe.results(10)

The probe `NAME` has the symbols NAME_stop, NAME_step and NAME_results. Nothing that the guest
prints counts; its console is read only to say why it ended.
"""

from __future__ import annotations

import struct

from grading.errors import GuestEnded, GuestPanic
from grading.machine import Machine
from grading.symbols import Symbols

LINEAR = 0xFFFFFFC000000000  # what the kernel adds to a physical address (kernel/cpu/layout.h)
SECONDS = 5  # of an unloaded machine: no script takes one


class Probe:
    """A machine started with gdb=True, and the probe `name` in its kernel."""

    def __init__(self, machine: Machine, symbols: Symbols, name: str) -> None:
        self.machine, self.symbols, self.name = machine, symbols, name
        self._stopped_at = -1  # the script's line of the last stop

    def address(self, name: str) -> int:
        return self.symbols.address(name)

    def physical(self, name: str) -> int:
        return self.address(name) - LINEAR

    # Running.

    def run_to(self, *names: str) -> str:
        """Runs until one of these functions is called; says which."""
        gdb = self.machine.gdb
        places = {self.address(name): name for name in names}
        try:
            for place in places:
                gdb.set_breakpoint(place)
            pc = 0
            while pc not in places:  # the stub may stop elsewhere, where a breakpoint was before
                gdb.resume_until_stop(SECONDS)
                pc = gdb.read_register("pc")
            for place in places:
                gdb.clear_breakpoint(place)
        except GuestEnded:
            self.ended(" or ".join(names))
        return places[pc]

    def run_past(self, function: str) -> None:
        """Runs until `function` has been called and has returned."""
        self.run_to(function)
        back = self.machine.gdb.read_register("ra")
        try:
            self.machine.gdb.run_to(back, SECONDS)
        except GuestEnded:
            self.ended(f"the end of {function}()")

    def run_to_stop(self) -> None:
        """Runs to the script's next stop, or its end."""
        at = self._stopped_at
        while at == self._stopped_at:  # twice in one line would be the same stop once more
            if self.run_to(f"{self.name}_stop", "panic") == "panic":
                self.panicked()
            at = self.step()
        self._stopped_at = at

    def panicked(self) -> None:
        """The kernel stands at panic(): lets it say why, and fails."""
        wanted = f"the script's next stop; it was at line {self.step()}"
        try:
            self.machine.gdb.resume_until_stop(10)
        except GuestEnded:
            pass
        self.ended(wanted)

    def ended(self, wanted: str) -> None:
        """Fails: the guest has ended too early."""
        console = self.machine.console
        console.join(3)
        kind = GuestPanic if "panic: " in console.text else GuestEnded
        raise kind(f"the kernel ended before it came to {wanted}\n{console.excerpt(16)}")

    # Reading.

    def read(self, physical: int, size: int) -> bytes:
        return self.machine.read_memory(physical, size)

    def words(self, name: str, count: int) -> tuple[int, ...]:
        """The first 64-bit words of a variable of the kernel's."""
        return struct.unpack(f"<{count}Q", self.read(self.physical(name), 8 * count))

    def step(self) -> int:
        """The script's line that is being run, from 0."""
        return self.words(f"{self.name}_step", 1)[0]

    def results(self, count: int) -> tuple[int, ...]:
        """What the first `count` lines gave."""
        return self.words(f"{self.name}_results", count)
