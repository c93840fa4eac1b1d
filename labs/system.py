"""The finished system as Lab 0 hands it out: binaries that name functions and nothing else.

    write_system(ROOT, handout / "finished")     # goose.elf, kernel.elf, initramfs.cpio
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from grading import cpio
from labs.course import CourseError

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
TEXT = "tTwW"  # how nm shows a symbol that stands in the text
NAMES = ("kernel.elf", "goose.elf", "initramfs.cpio")


def _run(*command: str, cwd: Path | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def strip_but_functions(source: Path, target: Path) -> None:
    """Copies a program without debug information and without the names of anything but functions."""
    rows = [line.split() for line in _run(f"{CROSS}nm", "--special-syms", str(source)).splitlines()]
    drop = [row[-1] for row in rows if row[-2] not in TEXT or row[-1].startswith((".", "$"))]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("".join(f"{name}\n" for name in drop))
        names.flush()
        options = ["--strip-debug", f"--strip-symbols={names.name}"]
        _run(f"{CROSS}objcopy", *options, str(source), str(target))


def write_system(root: Path, out: Path) -> None:
    """Builds the whole tower of `root` and writes its binaries into the folder `out`."""
    build = "build/finished"
    targets = [f"{build}/{name}" for name in NAMES]
    _run("make", "--no-print-directory", f"B={build}", "LAYERS=fs", *targets, cwd=root)
    out.mkdir(exist_ok=True)
    for name in NAMES[:2]:
        strip_but_functions(root / build / name, out / name)
    # Packed anew: the times of files would tell when they were built.
    archive = (root / build / NAMES[2]).read_bytes()
    (out / NAMES[2]).write_bytes(cpio.pack(cpio.unpack(archive)))
