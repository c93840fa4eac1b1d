"""Finds the results that a batch has written, and the points that people gave by hand.

    gathered = gather([Path("out")])        # a batch's folder
    gathered.results        # one for each student and lab, in this order
    gathered.faults         # files that are no results, each with what is wrong
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grading.grader import result
from grading.grader.result import Result, ResultError
from grading.grader.roster import ClassError, csv_rows, load_roster
from grading.reports.hand import HAND, HandError, merge, read_hand


class ReportError(Exception):
    """A report that cannot be made. The message says why and what to do."""


@dataclass
class Gathered:
    """All results of some folders, in the order of labs and students."""

    results: list[Result] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    roster: dict[str, str] = field(default_factory=dict)  # key: name, of all who should have results

    @property
    def labs(self) -> list[str]:
        """The labs' names, in the course's order."""
        return list(dict.fromkeys(r.lab for r in self.results))

    @property
    def students(self) -> list[str]:
        """The students' keys, sorted: those with results, and all of the roster."""
        return sorted({r.student for r in self.results} | self.roster.keys(), key=str.casefold)

    def name_of(self, student: str) -> str:
        """The student's name, if anybody knows it."""
        return next((r.name for r in self.of_student(student) if r.name), self.roster.get(student, ""))

    def of_lab(self, lab: str) -> list[Result]:
        return [r for r in self.results if r.lab == lab]

    def of_student(self, student: str) -> list[Result]:
        return [r for r in self.results if r.student == student]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ReportError(f"{path}: there is no such file or folder: give the folder of a batch's results")
    # A batch keeps every result it ever made; what counts is in results/.
    folder = path / "results" if (path / "results").is_dir() else path
    return sorted(f for f in folder.rglob("*.json") if not f.name.startswith("."))


def read_roster(path: Path) -> dict[str, str]:
    """Key and name of each student of the class's CSV file."""
    try:
        return {student.key: student.name for student in load_roster(path).students.values()}
    except ClassError as error:
        raise ReportError(str(error)) from None


def roster_column(path: Path, *names: str) -> dict[str, str]:
    """What the class's CSV file has for each student in the first of these columns that it has."""
    try:
        rows = [row for _, row in csv_rows(path)]
    except ClassError as error:
        raise ReportError(str(error)) from None
    name = next((name for name in names if rows and name in rows[0]), "")
    return {row["student"]: row[name] for row in rows if row.get("student") and row.get(name)}


def gather(paths: list[Path], hand: Path | None = None) -> Gathered:
    """Reads the results below the folders, or the files.

    Points given by hand come from `hand`, else from hand.csv in those folders that have one. Two
    results of one student and lab are a ReportError: which one counts is not a report's choice.
    """
    gathered = Gathered()
    where: dict[tuple[str, str], Path] = {}
    for path in paths:
        for file in _files(path):
            try:
                one = result.read(file)
            except ResultError as error:
                gathered.faults.append(str(error))
                continue
            key = (one.lab, one.student)
            if key in where and where[key] != file:
                raise ReportError(
                    f"{one.student!r} has two results for lab {one.lab}: {where[key]} and {file}: "
                    "name the folder that counts"
                )
            where[key] = file
            gathered.results.append(one)
    gathered.results.sort(key=lambda r: (r.lab_number, r.lab, r.student.casefold(), r.student))
    sheets = [hand] if hand else [p / HAND for p in paths if (p / HAND).is_file()]
    try:
        for sheet in sheets:
            gathered.results = merge(gathered.results, read_hand(sheet))
    except HandError as error:
        raise ReportError(str(error)) from None
    return gathered
