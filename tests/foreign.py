"""Programs that the distribution's cross compiler makes, put into goose's disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grading.disk import debugfs, fsck

PROGRAMS = Path(__file__).parent / "programs"
COMPILERS = {".c": ["riscv64-linux-gnu-gcc"], ".cc": ["riscv64-linux-gnu-g++", "-std=c++20"]}


def compile_static(source: Path, out: Path) -> Path:
    """Always with the distribution's Linux compiler, whatever CROSS_COMPILE says."""
    command = [*COMPILERS[source.suffix], "-O1", "-static", "-o", str(out), str(source), "-lm"]
    subprocess.run(command, check=True)
    return out


def install(image: Path, program: Path, name: str) -> None:
    """Copies a program of the host into the root folder of an image."""
    debugfs(image, [f"write {program} {name}", f"sif {name} mode 0100755"], write=True)
    fsck(image)


def install_source(image: Path, name: str, folder: Path) -> None:
    """Compiles a file of tests/programs and installs it under its name without suffix."""
    program = Path(name).stem
    install(image, compile_static(PROGRAMS / name, folder / program), program)
