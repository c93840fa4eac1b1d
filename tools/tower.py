"""The floors of the tower and their files, as layers.mk lists them: for the checks beside this."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = (".h", ".cc", ".S")
GROUND = "abi"  # below the lowest floor: numbers and structures only
TOP = "main.cc"  # above the highest floor
# Beside the tower, built only by SAN=1: nothing includes it, and it includes floors up to this one.
BESIDE = {"sanitize": "mm"}


def floors(root: Path = ROOT) -> list[str]:
    """The floors from the ground up, without `abi`."""
    match = re.search(r"^FLOORS := (.*)$", (root / "layers.mk").read_text(), re.MULTILINE)
    if not match:
        raise SystemExit(f"{root / 'layers.mk'}: no line `FLOORS := …` that lists the floors")
    return match[1].split()


def kernel_files(root: Path = ROOT) -> Iterator[Path]:
    """The kernel's sources and headers, kernel tests among them; not those for the host."""
    for path in sorted((root / "kernel").rglob("*")):
        if path.suffix in SUFFIXES and path.is_file() and "host" not in path.parts:
            yield path


def floor_of(path: Path, root: Path = ROOT) -> str:
    """The floor that a file of the kernel stands on: its folder's name, or main.cc itself."""
    return path.relative_to(root / "kernel").parts[0]


def is_test(path: Path) -> bool:
    """Kernel tests stand in a folder `tests` of their floor."""
    return "tests" in path.parts
