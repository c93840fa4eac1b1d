"""The course as its manifests tell it: labs/NN-NAME/lab.toml and mutants.toml.

    for lab in load_course(ROOT):
        print(lab.number, lab.title, lab.floor)

A fault in a manifest is a CourseError whose message names the file and the way out. In a handout
there is one lab, and of the earlier ones only what their tests need.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class CourseError(Exception):
    """A manifest, or what was asked of the course, makes no sense. The message says what."""


@dataclass(frozen=True)
class Exercise:
    """What a student writes in one go: one or more parts."""

    number: int
    title: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """A test of an earlier lab that must still pass: FOLDER/tests/FILE.py::NAME."""

    test: str
    points: float


@dataclass(frozen=True)
class Variant:
    """A test of this lab (FILE.py::NAME) that the grader runs again with `runs` other seeds."""

    test: str
    points: float
    runs: int


@dataclass(frozen=True)
class Mutant:
    """A plausible wrong solution of one part: `replace`, which stands there once, becomes `by`.

    `test` (FILE.py::NAME) must lose points, and its message match `says`. `ends` is "panic" or
    "hang" where the mutant dies so.
    """

    name: str
    part: str
    story: str
    replace: str
    by: str
    test: str
    says: str
    ends: str = ""


@dataclass(frozen=True)
class Lab:
    """One lab. `folder` is the name of its folder in labs/; times are minutes."""

    folder: str
    number: int
    name: str
    title: str
    floor: str
    reading: int
    work: int
    open: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    finished: bool = False  # the handout has the finished system as binaries (Lab 0)
    exercises: tuple[Exercise, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    variants: tuple[Variant, ...] = ()
    mutants: tuple[Mutant, ...] = field(default=(), repr=False)

    def exercise_of(self, part: str) -> Exercise | None:
        """The exercise in which `part` is written; None if it is no part of this lab."""
        return next((e for e in self.exercises if part in e.parts), None)

    @property
    def earlier_folders(self) -> list[str]:
        """The folders of the labs whose tests this one runs again, in order."""
        return sorted({e.test.split("/")[0] for e in self.earlier})


def _rows(path: Path, kind: type, rows: list[dict[str, Any]]) -> Iterator[Any]:
    for row in rows:
        given = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
        try:
            yield kind(**given)
        except TypeError as error:
            what = str(error).removeprefix(f"{kind.__name__}.__init__() ")
            raise CourseError(f"{path}: {kind.__name__.lower()} {row}: {what}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path}: {error}") from None


def load_lab(folder: Path) -> Lab:
    """The lab of a folder labs/NN-NAME."""
    path = folder / "lab.toml"
    manifest = _read(path)
    lists = {
        "exercises": tuple(_rows(path, Exercise, manifest.pop("exercise", []))),
        "earlier": tuple(_rows(path, Earlier, manifest.pop("earlier", []))),
        "variants": tuple(_rows(path, Variant, manifest.pop("variant", []))),
    }
    mutants = folder / "mutants.toml"
    if mutants.exists():
        lists["mutants"] = tuple(_rows(mutants, Mutant, _read(mutants).pop("mutant", [])))
    return next(_rows(path, Lab, [{"folder": folder.name, **manifest, **lists}]))


def load_course(root: Path = ROOT) -> list[Lab]:
    """All labs of the tree that have a manifest, in their order."""
    return [load_lab(path.parent) for path in sorted(root.glob("labs/[0-9][0-9]-*/lab.toml"))]


def find_lab(name: str, root: Path = ROOT) -> Lab:
    """The lab called `name`: "paging", "4" or "04-paging"."""
    course = load_course(root)
    for lab in course:
        if name in (lab.name, str(lab.number), lab.folder):
            return lab
    names = ", ".join(lab.name for lab in course)
    raise CourseError(f"there is no lab {name!r}; the labs are: {names}")
