"""Points that a person gives for written answers: one CSV file beside the results.

    write_sheet(results, Path("hand.csv"))        # a row for each answer, points still empty
    results = merge(results, read_hand(Path("hand.csv")))

Columns are lab, student, question, points, of, comment; others (the answer's text stands in the
last one) are there for the reader. An empty `points` is an answer that nobody has looked at yet.
Writing the sheet again keeps what has been filled in.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grading.grader.csv_file import csv_reader
from grading.grader.result import Answer, Result
from grading.reports.tables import cell, key, uncell, write_whole
from grading.reports.text import clean, number, one_line

HAND = "hand.csv"
COLUMNS = ("lab", "student", "question", "points", "of", "comment")


class HandError(Exception):
    """A sheet that makes no sense: the message names file, line and way out."""


@dataclass(frozen=True)
class HandRow:
    """One row of the sheet. `points` None: not looked at. `of` None: as the result has it."""

    lab: str
    student: str
    question: str
    points: float | None
    of: float | None
    comment: str
    where: str


def _number(text: str, what: str, where: str) -> float | None:
    text = text.strip()
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise HandError(f"{where}: {what} is {text!r}: give a number from 0 on, or leave it empty")
    return value


def read_hand(path: Path) -> list[HandRow]:
    """The rows of a sheet. Semicolons and decimal commas, as some spreadsheets save, are fine."""
    try:
        reader = csv_reader(path)
    except (OSError, UnicodeDecodeError) as error:
        raise HandError(f"{path}: {error}: save it as CSV in UTF-8") from None
    missing = [name for name in COLUMNS[:4] if name not in (reader.fieldnames or [])]
    if missing:
        raise HandError(f"{path}: has no column {', '.join(missing)}: its first line names the columns")
    rows: list[HandRow] = []
    seen: dict[tuple[str, str, str], str] = {}
    try:
        for given in reader:
            where = f"{path}:{reader.line_num}"
            values = {k: uncell(v or "") for k, v in given.items() if isinstance(v, str | None)}
            lab, student, question = values["lab"], values["student"], values["question"]
            if not any((lab, student, question)):
                continue
            points = _number(values["points"], "points", where)
            of = _number(values.get("of", ""), "of", where)
            if seen.setdefault((lab, student, question), where) != where:
                raise HandError(
                    f"{where}: {student}, {question!r} stands in {seen[lab, student, question]} too"
                )
            rows.append(HandRow(lab, student, question, points, of, values.get("comment", ""), where))
    except csv.Error as error:
        raise HandError(f"{path}:{reader.line_num}: {error}") from None
    return rows


def _with(answer: Answer, row: HandRow) -> Answer:
    most = answer.most if row.of is None else row.of
    if row.points is not None and row.points > most:
        raise HandError(
            f"{row.where}: {number(row.points)} points of {number(most)} for {row.question!r}: "
            "write in the column `of` what the question is worth"
        )
    return replace(answer, points=row.points, most=most, comment=row.comment or answer.comment)


def merge(results: Sequence[Result], rows: Iterable[HandRow]) -> list[Result]:
    """The results with the points of the sheet in them.

    Rows of labs and students that are not among the results are left alone; a question that a
    result does not have is a HandError.
    """
    wanted: dict[tuple[str, str], dict[str, HandRow]] = {}
    for row in rows:
        wanted.setdefault((row.lab, row.student), {})[row.question] = row
    merged: list[Result] = []
    for one in results:
        given = wanted.get((one.lab, key(one.student)), {})
        known = [sheet_name(a.question) for a in one.answers]
        for question, row in given.items():
            # An answer that became empty or a submission that was rejected has no questions left.
            if question not in known and row.points is not None:
                asked = ", ".join(map(repr, known)) or "none"
                raise HandError(
                    f"{row.where}: the submission of {one.student} has no question {question!r}; it has: {asked}"
                )
        answers = tuple(
            _with(a, given[sheet_name(a.question)]) if sheet_name(a.question) in given else a
            for a in one.answers
        )
        merged.append(replace(one, answers=answers))
    return merged


def sheet_name(question: str) -> str:
    """A question as the sheet names it."""
    return one_line(question, 300)


def write_sheet(results: Iterable[Result], path: Path) -> int:
    """Writes the sheet, with all that an earlier one held; returns the number of its answers."""
    old = {(r.lab, r.student, r.question): r for r in read_hand(path)} if path.exists() else {}
    rows: list[list[str]] = [[*COLUMNS, "answer"]]
    for one in results:
        for answer in one.answers:
            names = (one.lab, key(one.student), sheet_name(answer.question))
            filled = old.pop(names, None)
            points = filled.points if filled else answer.points
            of = filled.of if filled and filled.of is not None else answer.most
            comment = filled.comment if filled else answer.comment
            shown = "" if points is None else number(points)
            values = [shown, number(of), cell(comment), cell(clean(answer.text, most=8000))]
            rows.append([*map(cell, names), *values])
    for left in old.values():
        numbers = ["" if value is None else number(value) for value in (left.points, left.of)]
        names = (left.lab, left.student, left.question)
        rows.append([*map(cell, names), *numbers, cell(left.comment), ""])
    write_whole(path, rows)
    return len(rows) - 1
