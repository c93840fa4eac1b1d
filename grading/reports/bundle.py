"""The part of this tree that grades one lab elsewhere: on Gradescope, in a workflow on GitHub.

    files = bundle(ROOT, lab, Settings("paging", secret="…"))     # path -> content
    settings = read_settings(folder)

It has the lab's own tree and tests, the grader and the lab tool, and of this and all later labs no
solution: the markers of their parts stand there with nothing between them. Mutants, other labs' tests
and the book stay here. Whoever gets hold of a bundle has a handout and the class's secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from labs.course import CourseError, Lab, load_course
from labs.parts import LABS, Form, Part, parse, source_files, tree_files
from labs.tree import lab_files

SETTINGS = "service.json"
SCHEMA = 1
ENTRY = "grading.reports.service:grade_by_core"
# What grading needs on Debian 12. (The Makefile of a lab's tree asks for the same.)
PACKAGES = (
    "make g++-riscv64-linux-gnu qemu-system-misc opensbi e2fsprogs cpio gdb-multiarch bubblewrap "
    "python3 python3-pytest python3-pytest-xdist python3-rich"
).split()


@dataclass(frozen=True)
class Settings:
    """How a bundle grades. `entry` is MODULE:FUNCTION, called as `grade_by_core` is; the module has a
    `warm_up` too."""

    lab: str
    secret: str = ""
    variants: str = "visible"  # who sees the tests on the grader's own inputs
    entry: str = ENTRY
    schema: int = SCHEMA

    def document(self) -> bytes:
        return (json.dumps(asdict(self), indent=1) + "\n").encode()


def read_settings(folder: Path) -> Settings:
    """The settings of the bundle in the folder."""
    path = folder / SETTINGS
    try:
        given = json.loads(path.read_text())
        if given.get("schema") != SCHEMA:
            raise CourseError(f"{path}: has schema {given.get('schema')}, this grader reads {SCHEMA}")
        return Settings(**given)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CourseError(f"{path}: {error}: make the bundle anew") from None


def without_solutions(text: str, path: Path, parts: Iterable[str]) -> str:
    """The file with nothing between the markers of the parts that are named."""
    source = parse(text, path)
    gone = set(parts)
    out: list[str] = []
    at = 0
    for part in source.parts:
        if part.name in gone:
            out += source.lines[at : part.line]
            at = part.line + len(part.code[Form.SOLUTION])
    return "".join(f"{line}\n" for line in out + source.lines[at:])


def _is_hidden(part: Part, lab: Lab) -> bool:
    order = list(LABS)
    return part.lab not in order or order.index(part.lab) >= order.index(lab.name)


def _wanted(root: Path, lab: Lab) -> list[Path]:
    """The files of the tree that the bundle holds."""
    manifests = {
        f"labs/{other.folder}/lab.toml" for other in load_course(root) if other.number <= lab.number
    }
    own = set(lab_files(root, lab))

    def is_tool(path: Path) -> bool:
        if path.parts[0] == "grading":
            return "tests" not in path.parts
        is_lab_tool = (
            len(path.parts) == 2 and path.parts[0] == "labs" and path.suffix in (".py", ".mk", ".ini")
        )
        return is_lab_tool or str(path) in manifests

    return [path for path in tree_files(root) if path in own or is_tool(path)]


def bundle(root: Path, lab: Lab, settings: Settings) -> dict[str, bytes]:
    """The bundle's files. A lab without points, or without parts, is a CourseError."""
    if lab.finished or lab.name not in LABS:
        raise CourseError(f"lab {lab.name} has no points: there is nothing to grade")
    parted = set(source_files(root))
    files: dict[str, bytes] = {}
    for path in _wanted(root, lab):
        content = (root / path).read_bytes()
        if path in parted and b"SOLUTION" in content:
            text = content.decode()
            hidden = [part.name for part in parse(text, path).parts if _is_hidden(part, lab)]
            content = without_solutions(text, path, hidden).encode()
        files[str(path)] = content
    return files | {SETTINGS: settings.document()}


def is_executable(root: Path, name: str) -> bool:
    """Whether the file of the tree is a program."""
    return os.access(root / name, os.X_OK) and (root / name).is_file()
