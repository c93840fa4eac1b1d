"""What grading depends on, as short texts: versions of tools, of the grader and of a lab.

    tool_versions()["gcc"]              "riscv64-linux-gnu-gcc 12.2.0"
    grader_version(root)                changes with the grader's own code
    lab_version(root, lab)              changes with anything that a tree of the lab is made from

Two machines with the same answers grade alike.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from grading.symbols import CROSS

TOOLS = {
    "gcc": (CROSS + "g++", "--version"),
    "binutils": (CROSS + "ld", "--version"),
    "qemu": ("qemu-system-riscv64", "--version"),
    "mke2fs": ("mke2fs", "-V"),
    "make": ("make", "--version"),
    "gdb": ("gdb-multiarch", "--version"),
}


def _version(command: tuple[str, ...]) -> str:
    paths = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/sbin"
    environment = os.environ | {"LC_ALL": "C", "PATH": paths}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return "missing"
    first = (done.stdout or done.stderr).strip().split("\n")[0]
    number = re.search(r"\d+(?:\.\d+)+", first)
    return f"{command[0]} {number[0]}" if number else first or "unknown"


@cache
def tool_versions() -> dict[str, str]:
    """The tools that a verdict may depend on; "missing" for one that is not there."""
    found = {name: _version(command) for name, command in TOOLS.items()}
    return found | {"python": platform.python_version(), "machine": platform.machine()}


def digest(parts: Iterable[bytes | str]) -> str:
    """SHA-256 over the parts with their lengths, so that no two lists look alike."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode(errors="surrogateescape") if isinstance(part, str) else part
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()


def _files(root: Path, paths: Iterable[Path]) -> str:
    return digest(
        part for path in sorted(paths) for part in (str(path.relative_to(root)), path.read_bytes())
    )


@cache
def grader_version(root: Path) -> str:
    """The grader's code: not the tests of it, nor what only shows results."""
    paths = [*root.glob("grading/*.py"), *root.glob("grading/grader/*.py"), *root.glob("labs/*.py")]
    paths += [*root.glob("labs/*.ini"), *root.glob("labs/*.mk")]
    return _files(root, paths)[:16]


@cache
def lab_version(root: Path, lab: str) -> str:
    """Everything that the lab's tree is made from, its tests and points included."""
    from labs.course import find_lab
    from labs.tree import lab_files

    return _files(root, [root / path for path in lab_files(root, find_lab(lab, root))])[:16]
