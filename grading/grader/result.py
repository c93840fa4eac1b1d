"""The result of grading one submission of one lab: the document that every report is made from.

    result = Result(lab="paging", …)
    write(result, folder / "result.json")        # in one step: whole or not at all
    result = read(folder / "result.json")

`SCHEMA` changes when a field changes its meaning or goes; docs/grading.md describes each field.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

SCHEMA = 1


class ResultError(Exception):
    """A result that cannot be read: the message names the file and what is wrong with it."""


class Verdict(StrEnum):
    """What became of a test. Only PASS and PARTIAL earn points; ERROR is never the student's."""

    PASS = "pass"
    PARTIAL = "partial"  # some of its cases pass
    FAIL = "fail"
    PANIC = "panic"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"  # a test that it depends on failed
    ERROR = "error"  # the grader's or the machine's fault, after retries


class Status(StrEnum):
    """How far a submission got."""

    GRADED = "graded"
    NOT_BUILT = "not built"  # the compiler or the build's limits refused it: no points, log in `build`
    REJECTED = "rejected"  # nothing in it could be taken; `notes` say why
    ERROR = "grader error"  # to be graded again; it has no points yet


@dataclass(frozen=True)
class Test:
    """One test. `earned` of `points`; where cases share it, the text is that of the first that failed."""

    name: str  # FILE.py::NAME, as in the lab's manifest
    title: str
    kind: str  # "new", "earlier" or "variant": a hidden variant of a visible test
    exercise: int  # 0: none
    points: float
    earned: float
    verdict: Verdict
    text: str = ""  # what was expected, what was seen, and usually why
    hint: str = ""
    console: str = ""  # an excerpt of what the guest printed
    seconds: float = 0.0
    cases: tuple[int, int] = (1, 1)  # passed, all
    reproduce: str = ""  # the command that runs exactly this again


@dataclass(frozen=True)
class Build:
    """The build in the jail. `log` is its last part where it failed or warned."""

    built: bool
    seconds: float = 0.0
    log: str = ""


@dataclass(frozen=True)
class Answer:
    """A written answer, for points that a person gives."""

    question: str
    text: str
    points: float | None = None  # None: not looked at yet
    most: float = 0.0
    comment: str = ""  # what that person says about it, for the student


@dataclass(frozen=True)
class Late:
    """Times are ISO 8601 with offset. `factor` multiplies the points; 1 is in time."""

    due: str = ""
    received: str = ""
    days: int = 0  # whole or begun days after `due`, extension included
    days_spent: int = 0  # free late days that were used up for it
    factor: float = 1.0


@dataclass(frozen=True)
class Result:
    """Everything about one submission of one lab."""

    lab: str
    lab_number: int
    lab_title: str
    student: str  # the roster's key: login, number or address
    name: str = ""  # the student's name, where the roster has one
    submission: str = ""  # the file or folder as it was found, relative to the batch
    content: str = ""  # SHA-256 over the files that were taken; "" if none was
    status: Status = Status.GRADED
    notes: tuple[str, ...] = ()  # what was seen and matters: refused members, edited files, limits reached
    seed: str = ""
    jail: str = ""  # which jail was used
    machine: dict[str, str] = field(default_factory=dict)  # versions of tools, calibration factor
    taken: tuple[str, ...] = ()  # the student's files that were graded
    build: Build = Build(False)
    tests: tuple[Test, ...] = ()
    answers: tuple[Answer, ...] = ()
    late: Late = Late()
    seconds: dict[str, float] = field(default_factory=dict)  # unpack, build, boot, tests, all
    attempts: int = 1
    graded: str = ""  # when, ISO 8601
    schema: int = SCHEMA

    @property
    def earned(self) -> float:
        """The points of the tests and of the answers that were looked at, before lateness."""
        return sum(t.earned for t in self.tests) + sum(a.points or 0.0 for a in self.answers)

    @property
    def points(self) -> float:
        """What full marks would be."""
        return sum(t.points for t in self.tests) + sum(a.most for a in self.answers)

    @property
    def final(self) -> float:
        """What counts: `earned` times the factor for lateness."""
        return self.earned * self.late.factor

    @property
    def has_errors(self) -> bool:
        """Whether something in it is the grader's or the machine's fault, so that it is graded again."""
        return self.status is Status.ERROR or any(t.verdict is Verdict.ERROR for t in self.tests)

    def without_times(self) -> Result:
        """The result less what differs between two runs of the same thing, to compare them."""
        from dataclasses import replace

        tests = tuple(replace(t, seconds=0.0, console="") for t in self.tests)
        return replace(
            self, tests=tests, build=replace(self.build, seconds=0.0), seconds={}, graded="", attempts=1, machine={}
        )


def write(result: Result, path: Path) -> None:
    """Writes the result so that a reader finds the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(result), file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def from_document(values: dict[str, Any], where: str) -> Result:
    """The result of a parsed document; `where` names it in the errors."""
    if not isinstance(values, dict):
        raise ResultError(f"{where}: is no result of this grader: it is a {type(values).__name__}")
    if values.get("schema") != SCHEMA:
        raise ResultError(f"{where}: has schema {values.get('schema')}, this grader reads {SCHEMA}")
    try:
        given = dict(values)
        given["status"] = Status(given["status"])
        given["build"] = Build(**given["build"])
        given["late"] = Late(**given["late"])
        given["tests"] = tuple(_test(row) for row in given["tests"])
        given["answers"] = tuple(Answer(**row) for row in given["answers"])
        given["notes"], given["taken"] = tuple(given["notes"]), tuple(given["taken"])
        return Result(**given)
    except (KeyError, TypeError, ValueError) as error:
        raise ResultError(f"{where}: is no result of this grader: {error}") from None


def _test(row: dict[str, Any]) -> Test:
    given = row | {"verdict": Verdict(row["verdict"]), "cases": tuple(row["cases"])}
    return Test(**given)


def read(path: Path) -> Result:
    """The result in the file."""
    try:
        return from_document(json.loads(path.read_text()), str(path))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ResultError(f"{path}: {error}") from None
