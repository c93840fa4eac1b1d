"""gdb's own commands for goose, on a machine that waits at its prompt."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from tests.conftest import ROOT, Start

from grading.symbols import Symbols
from grading.timing import scaled


@pytest.fixture
def gdb_says(machine: Start, build: Path) -> str:
    """What gdb prints for all of the commands."""
    debugger = shutil.which("gdb-multiarch")
    if not debugger:
        pytest.fail("gdb-multiarch is missing: install the package gdb-multiarch", pytrace=False)
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        socket = f"{folder}/gdb"
        run = machine(smp=2, extra=["-gdb", f"unix:{socket},server=on,wait=off"])
        run.wait_prompt()
        commands = [
            "set architecture riscv:rv64",
            f"source {ROOT / 'tools/gdb/goose.py'}",
            f"target remote {socket}",
            "goose-threads",
            "goose-locks",
            "goose-pagetable kernel_main",
            "goose-pagetable 0x10",
            "goose-program sh",
        ]
        words = [word for command in commands for word in ("-ex", command)]
        done = subprocess.run(
            [debugger, "-nx", "-batch", str(build / "kernel.elf"), *words],
            capture_output=True,
            text=True,
            timeout=scaled(60),
        )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_commands_show_threads_pages_locks_and_programs(gdb_says: str, build: Path) -> None:
    threads = [line.split() for line in gdb_says.splitlines() if " parked " in line]
    assert {"init", "sh"} <= {words[4] for words in threads}, gdb_says
    assert any("Terminal::read" in " ".join(words) for words in threads), gdb_says
    assert "no lock is held" in gdb_says
    address = Symbols(build / "kernel.elf").address("kernel_main") & ~0xFFF
    assert f"{address:#018x}.." in gdb_says and "r-x-gad" in gdb_says
    assert "0x10 is not mapped" in gdb_says
    assert "add symbol table from file" in gdb_says and "Error" not in gdb_says
