"""Symbols of an ELF file, both ways, through the tools of binutils."""

from __future__ import annotations

import bisect
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grading.confine import confined, limited_to
from grading.errors import GuestError, HostError

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")


# A few letters of a mangled name can stand for any number of plain ones: without these nm would take all
# the memory and time that there is.
LIMITS = limited_to(memory=1 << 30, cpu=20)
OUTPUT_LIMIT = 64 << 20


def run_tool(tool: str, *arguments: str) -> str:
    """Runs a tool of the cross binutils, on a file of the code under test, and returns its output.

    GuestError if it has no end.
    """
    command = confined([*LIMITS, CROSS + tool, *arguments])
    if not shutil.which(CROSS + tool):
        raise HostError(f"{CROSS}{tool} is not installed; `make doctor` says more")
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout
        output = process.stdout.read(OUTPUT_LIMIT + 1)
        if len(output) > OUTPUT_LIMIT:
            process.kill()
            raise GuestError(f"{tool} tells more than {OUTPUT_LIMIT >> 20} MiB of {arguments[-1]}: what names are in it?")
        status = process.wait()
        log.seek(0)
        said = log.read(2000).decode(errors="replace").strip()
    if status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        raise GuestError(f"{tool} finds no end of {arguments[-1]}: what names are in it?")
    if status:
        raise HostError(f"{CROSS}{tool} failed: {said}")
    return output.decode(errors="replace")


def plain(name: str) -> str:
    """A demangled name as one would say it: no anonymous namespaces, no arguments."""
    return name.replace("(anonymous namespace)::", "").split("(")[0]


@dataclass(frozen=True)
class Symbols:
    """The symbols of `path`, C++ names demangled."""

    path: Path

    @cached_property
    def table(self) -> list[tuple[int, str]]:
        """(address, name), sorted by address; functions and data alike."""
        rows = []
        for line in run_tool("nm", "-C", "-n", "--defined-only", str(self.path)).splitlines():
            # A name may hold anything, line feeds included.
            if match := re.match(r"([0-9a-f]{16}) [A-Za-z] (.*)", line):
                rows.append((int(match[1], 16), match[2]))
        return rows

    @cached_property
    def _places(self) -> dict[str, set[int]]:
        places: dict[str, set[int]] = {}
        for address, name in self.table:
            places.setdefault(plain(name), set()).add(address)
        return places

    def address(self, name: str) -> int:
        """The address of `name`: a demangled one without arguments and anonymous namespaces.

        GuestError unless there is one such symbol: the code under test has taken it away or doubled it.
        """
        found = self._places.get(name, set())
        if len(found) != 1:
            many = "several symbols are" if found else "no symbol is"
            raise GuestError(
                f"{self.path.name}: {many} called {name}; tests look for it, so it must keep its name"
            )
        return next(iter(found))

    def name(self, address: int) -> str:
        """`function+offset` for an address, or its number where nothing lies below it."""
        at = bisect.bisect_right(self.table, (address, "\U0010ffff")) - 1
        if at < 0:
            return f"{address:#x}"
        start, name = self.table[at]
        return name if start == address else f"{name}+{address - start:#x}"

    def line(self, address: int) -> str:
        """`file:line` for an address, with the path as the compiler was given it."""
        text = run_tool("addr2line", "-e", str(self.path), f"{address:#x}").strip()
        return text.split(" (")[0]
