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
from collections.abc import Iterator
from contextlib import contextmanager

from grading.errors import GuestEnded, GuestError, GuestPanic
from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import Fail

NOT_BEGUN = (1 << 64) - 1  # NAME_step before the script's first line
HISTORY = 8  # so many lines of the script a message tells
LINEAR = 0xFFFFFFC000000000  # what the kernel adds to a physical address (kernel/cpu/layout.h)
MOST_WORDS = 1 << 20
SECONDS = 5  # of an unloaded machine: no script takes one


def ended_early(machine: Machine, what: str) -> GuestError:
    """The error for a guest that has ended too early: `what`, and its console from a panic on."""
    console = machine.console
    console.join(3)
    said = console.excerpt().splitlines()
    panic = next((n for n, line in enumerate(said) if "panic: " in line), None)
    lines = said[-16:] if panic is None else said[panic : panic + 24]
    kind = GuestEnded if panic is None else GuestPanic
    return kind("\n".join([what, *lines]))


class Words(list[int]):
    """A log's words. One that a test asks for and that is not there is the guest's fault."""

    def __getitem__(self, place):  # type: ignore[no-untyped-def, override]
        try:
            return super().__getitem__(place)
        except IndexError:
            raise self._end() from None

    def one_by_one(self) -> Iterator[int]:
        yield from self
        raise self._end()

    def _end(self) -> GuestError:
        return GuestError(f"the probe's log ends after {len(self)} words: the kernel says that it is done, and is not")


def log_words(machine: Machine, symbols: Symbols, name: str) -> Words:
    """The words in the log `name` of a machine that stands still: the first NAME_used that it holds."""
    (used,) = struct.unpack("<Q", machine.read_memory(symbols.address(f"{name}_used") - LINEAR, 8))
    if used > MOST_WORDS:
        raise GuestError(f"{name}_used is {used:#x}, more than any log holds: somebody has written over it")
    return Words(struct.unpack(f"<{used}Q", machine.read_memory(symbols.address(name) - LINEAR, 8 * used)))


class Probe:
    """A machine started with gdb=True, and the probe `name` in its kernel.

    `test` is the kernel test that runs the script; NAME_script if not given.
    """

    def __init__(self, machine: Machine, symbols: Symbols, name: str, test: str = "") -> None:
        self.machine, self.symbols, self.name = machine, symbols, name
        self.test = test or f"{name}_script"
        self.script_lines: list[str] = []  # what each line of the script does, for messages; may be empty
        self.patches: list[str] = []  # gdb commands that write what patch() wrote
        self._right_until = -1  # the script's line of the stop before the last one
        self._stopped_at = -1  # and of the last one

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
        self.machine.suspects = [*self.patches, f"tbreak {function}", "continue"]
        back = self.machine.gdb.read_register("ra")
        try:
            self.machine.gdb.run_to(back, SECONDS)
        except GuestEnded:
            self.ended(f"the end of {function}()")

    def run_to_stop(self) -> None:
        """Runs to the script's next stop, or its end."""
        at = self._right_until = self._stopped_at
        self.suspect(at + 1)
        while at == self._stopped_at:  # twice in one line would be the same stop once more
            if self.run_to(f"{self.name}_stop", "panic", "panic_at") != f"{self.name}_stop":
                self.panicked()
            at = self.step()
        self._stopped_at = at

    def panicked(self) -> None:
        """The kernel stands at panic(): lets it say why, and fails."""
        line = self.step()
        wanted = f"the script's next stop; it was at line {line}"
        if line == NOT_BEGUN:
            wanted = "the first line of the script"
            self.machine.suspects = []
        else:
            self.suspect(line)
            wanted += self.history(line)
        try:
            self.machine.gdb.resume_until_stop(10)
        except GuestEnded:
            pass
        self.ended(wanted)

    def ended(self, wanted: str) -> None:
        """Fails: the guest has ended too early."""
        raise ended_early(self.machine, f"the kernel ended before it came to {wanted}")

    def patch(self, address: int, data: bytes) -> None:
        """Changes the memory of a guest that stands at kernel_main; so does its debug.sh, then."""
        self.machine.gdb.write(address, data)
        self.patches = self.patches or ["tbreak kernel_main", "continue"]
        file = self.machine.folder / f"patch{len(self.patches)}.bin"
        file.write_bytes(data)
        self.patches.append(f"restore {file} binary {address:#x}")

    # Where it went wrong.

    def suspect(self, line: int) -> None:
        """If the test fails, its debug.sh stops before this line of the script."""
        step = f"{self.name}_step"
        commands = [*self.patches, f"tbreak ktest_{self.test}", "continue"]
        if line > 0:
            commands += [f"watch {step} if {step} == {line}", "continue"]
        self.machine.suspects = commands

    def history(self, last: int) -> str:
        """For messages: what the script did up to its line `last`, from a new line on."""
        lines = ""
        for number in range(max(0, last - HISTORY), min(last + 1, len(self.script_lines))):
            gave = self.outcome(number) if number < last else ""
            lines += f"\n    line {number}: {self.script_lines[number]}{gave}"
        right = f" (all was right after line {self._right_until})" if self._right_until > 0 else ""
        return f"\n  the script up to there{right}:{lines}" if lines else ""

    def outcome(self, line: int) -> str:
        """What a line that has been run gave, for messages."""
        return ""

    @contextmanager
    def explained(self, last: int | None = None) -> Iterator[None]:
        """A failure in here also tells the script's lines up to `last`, or up to the last stop."""
        try:
            yield
        except Fail as error:
            raise Fail(f"{error}{self.history(self.step() if last is None else last)}") from None

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
