"""debug.sh beside the rerun.sh of a failed test's machine: the same machine again, in gdb."""

from __future__ import annotations

import shlex
from pathlib import Path

from grading.machine import Machine


def write_debug_script(machine: Machine, root: Path, build: Path) -> None:
    """Writes it. It stops where the test saw a mistake (`machine.suspects`), else at a panic."""
    script, socket = machine.folder / "debug.sh", machine.folder / "gdb.sock"
    commands = ["set confirm off", f"add-symbol-file {build / 'goose.elf'}"]
    commands += ["source tools/gdb/goose.py", f"target remote {socket}"]
    commands += [f"break {place}" for place in ("panic", "panic_at", "ktest_fail")]
    commands += machine.suspects or ["continue"]
    typed = " ".join(f"-ex {shlex.quote(command)}" for command in commands)
    there = shlex.quote(str(socket))
    script.write_text(
        "#!/bin/sh\n"
        "# Starts the machine of the failed test and gdb on it; the console goes to console.log.\n"
        f"cd {shlex.quote(str(root))}\n"
        f"rm -f {there}\n"
        f"{shlex.quote(str(machine.folder / 'rerun.sh'))} --gdb </dev/null "
        f">{shlex.quote(str(machine.folder / 'console.log'))} 2>&1 &\n"
        "machine=$!\ntrap 'kill $machine 2>/dev/null' EXIT\n"
        f"while [ ! -S {there} ] && kill -0 $machine; do sleep 0.1; done\n"
        f"gdb-multiarch -q -nx {shlex.quote(str(build / 'kernel.elf'))} {typed} \"$@\"\n"
    )
    script.chmod(0o755)
