"""Symbols of an ELF file, both ways, through the tools of binutils."""

from __future__ import annotations

import bisect
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grading.confine import confined
from grading.errors import GuestError, HostError

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")


def run_tool(tool: str, *arguments: str) -> str:
    """Runs a tool of the cross binutils, on a file of the code under test, and returns its output."""
    command = confined([CROSS + tool, *arguments])
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    except FileNotFoundError as error:
        raise HostError(f"{CROSS}{tool} is not installed; `make doctor` says more") from error
    if done.returncode:
        raise HostError(f"{CROSS}{tool} failed: {done.stderr.strip()}")
    return done.stdout


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
