"""debug.sh beside the rerun.sh of a failed test's machine: the same machine again, in gdb."""

from __future__ import annotations

import shlex
from pathlib import Path

from grading.machine import Machine
from grading.qemu import socket_lines


def write_debug_script(machine: Machine, root: Path, build: Path) -> None:
    """Writes it. It stops where the test saw a mistake (`machine.suspects`), or at a panic.

    Where there was neither, gdb waits at its prompt before the first instruction, for breakpoints.
    """
    script = machine.folder / "debug.sh"
    said = shlex.quote(str(machine.folder / "console.log"))
    before = ["set confirm off", f"add-symbol-file {build / 'goose.elf'}", "source tools/gdb/goose.py"]
    behind = [f"break {place}" for place in ("panic", "panic_at", "ktest_fail")]
    panicked = "panic: " in machine.console.text if hasattr(machine, "console") else False
    behind += machine.suspects or ([] if not panicked else ["continue"])
    if "continue" not in behind:
        behind.append("echo Nothing has run yet. Set more breakpoints, then type continue.\\n")
    connect = '-ex "target remote $socket"'
    script.write_text(
        "#!/bin/sh\n"
        "# Starts the machine of the failed test and gdb on it; the console goes to console.log.\n"
        f"{socket_lines(machine.folder)}"
        f"cd {shlex.quote(str(root))}\n"
        'rm -f "$socket"\n'
        f"{shlex.quote(str(machine.folder / 'rerun.sh'))} --gdb </dev/null >{said} 2>&1 &\n"
        "machine=$!\ntrap 'kill $machine 2>/dev/null' EXIT\n"
        'while [ ! -S "$socket" ]; do\n'
        f"    kill -0 $machine 2>/dev/null || {{ cat {said} >&2; exit 1; }}\n    sleep 0.1\ndone\n"
        f"gdb-multiarch -q -nx {shlex.quote(str(build / 'kernel.elf'))} "
        f'{_typed(before)} {connect} {_typed(behind)} "$@"\n'
    )
    script.chmod(0o755)


def _typed(commands: list[str]) -> str:
    """gdb's words for commands, quoted for the shell."""
    return " ".join(f"-ex {shlex.quote(command)}" for command in commands)
