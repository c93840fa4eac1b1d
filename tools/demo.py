#!/usr/bin/python3
"""Lecture walks through the live kernel: goose runs in QEMU, stops where something happens, and
the walk says what is to be seen there.

    tools/demo.py boot | fault | write [--auto] [--build DIR]

Enter goes on to the next stop; --auto does not wait (for tests). The walks are in demo_walks.py;
nothing in the kernel knows of them: they use gdb's breakpoints, registers and memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading.errors import GuestError, HostError  # noqa: E402
from grading.gdb import Gdb, Stop  # noqa: E402
from grading.machine import Machine  # noqa: E402
from grading.qemu import Disk, Options  # noqa: E402
from grading.sv39 import Mapping, Walker, root_of  # noqa: E402
from grading.symbols import Symbols  # noqa: E402

LINEAR = 0xFFFFFFC000000000  # kernel virtual address - physical address (kernel/cpu/layout.h)
PATIENCE = 60
AROUND = 3  # source lines shown before and after


@dataclass
class Walk:
    """One performance: the machine, its symbols, and how to show things."""

    machine: Machine
    kernel: Symbols
    stage: Symbols
    automatic: bool
    steps: int = 0
    bold: Callable[[str], str] = field(default=lambda text: text)

    @property
    def gdb(self) -> Gdb:
        return self.machine.gdb

    # Showing.

    def say(self, title: str, text: str) -> None:
        """Opens a step."""
        self.steps += 1
        print(f"\n{self.bold(f'{self.steps}. {title}')}")
        width = min(96, shutil.get_terminal_size().columns - 4)
        print(textwrap.indent(textwrap.fill(" ".join(text.split()), width), "   "))

    def show(self, *lines: str) -> None:
        """Facts read from the machine."""
        for line in lines:
            print(f"     {line}")

    def pause(self) -> None:
        """The lecturer's moment."""
        sys.stdout.flush()
        if not self.automatic:
            input(self.bold("   [Enter] "))

    def show_source(self, address: int, symbols: Symbols | None = None) -> None:
        """The source around an address, with the line that comes next marked."""
        place = (symbols or self.kernel).line(address)
        name, _, number = place.rpartition(":")
        path = ROOT / name
        if not number.isdigit() or not path.exists():
            return
        here = int(number)
        lines = path.read_text().splitlines()
        self.show(f"{path.relative_to(ROOT)}:{here}")
        for at in range(max(1, here - AROUND), min(len(lines), here + AROUND) + 1):
            self.show(f"{'->' if at == here else '  '} {at:4} {lines[at - 1]}")

    def show_registers(self, *names: str) -> None:
        self.show("  ".join(f"{name} = {self.gdb.read_register(name):#x}" for name in names))

    def show_console(self, lines: int = 4) -> None:
        self.show("the console shows:", *self.machine.console.excerpt(lines).splitlines())

    # Going on.

    def go_to(self, function: str, physical: bool = False) -> Stop:
        """Runs to the start of a kernel function."""
        address = self.kernel.address(function)
        return self.gdb.run_to(address - LINEAR if physical else address, PATIENCE)

    def here(self) -> tuple[int, int]:
        """At the start of a function: the place and the stack to which it will return."""
        return self.gdb.read_register("ra"), self.gdb.read_register("sp")

    def go_back(self, place: tuple[int, int]) -> Stop:
        """Runs until the function of that `here` has returned."""
        caller, stack = place
        while True:
            stop = self.gdb.run_to(caller, PATIENCE)
            if self.gdb.read_register("sp") == stack:  # and not the same place in another thread
                return stop

    def go_to_prompt(self) -> None:
        """Lets the machine boot, then stops it."""
        self.gdb.resume()
        self.machine.wait_prompt(PATIENCE)
        self.gdb.interrupt(PATIENCE)

    def type_line(self, line: str) -> None:
        """Types at the shell while the machine stands: it reads the line when it goes on."""
        self.show(f"typed at the shell: {line}")
        self.machine.send(line + "\n")

    # Looking.

    def page(self, virtual: int) -> Mapping | None:
        """The leaf that maps an address now, found by the independent walker."""
        root = root_of(self.gdb.read_register("satp"))
        return Walker(self.machine.read_memory, root).walk(virtual)

    def entry_of(self, program: str) -> int:
        """The address of the first instruction of one of goose's programs."""
        header = (self.kernel.path.parent / "user/bin" / program).read_bytes()[:64]
        return int.from_bytes(header[24:32], "little")  # e_entry


def perform(name: str, build: Path, automatic: bool) -> int:
    from demo_walks import WALKS

    title, walk_through = WALKS[name]
    options = Options(
        kernel=build / "goose.elf",
        disks=[Disk(build / "disk.img")],
        append="root=/dev/vda",
        gdb=True,
    )
    with Machine(options) as machine:
        walk = Walk(machine, Symbols(build / "kernel.elf"), Symbols(build / "goose.elf"), automatic)
        if sys.stdout.isatty():
            walk.bold = lambda text: f"\x1b[1m{text}\x1b[0m"
        print(walk.bold(title))
        walk_through(walk)
        print(f"\ndemo {name}: {walk.steps} steps, to the end")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Lecture walks through the live kernel.")
    parser.add_argument("walk", choices=["boot", "fault", "write"])
    parser.add_argument("--auto", action="store_true", help="do not wait for Enter")
    parser.add_argument("--build", type=Path, default=Path(os.environ.get("GOOSE_BUILD", "build")))
    arguments = parser.parse_args()
    try:
        return perform(arguments.walk, arguments.build, arguments.auto)
    except (GuestError, HostError) as error:
        print(f"\ndemo {arguments.walk}: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        return 130


if __name__ == "__main__":
    sys.exit(main())
