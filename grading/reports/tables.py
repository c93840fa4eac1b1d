"""CSV: the gradebook of all labs, and grades that Moodle imports.

    write_gradebook(gathered, Path("grades.csv"))
    write_moodle(gathered.of_lab("paging"), Path("moodle-paging.csv"), decimal=".")
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grading.grader.result import Result, Status
from grading.reports.text import clean, number, one_line

if TYPE_CHECKING:
    from grading.reports.gather import Gathered

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell
MARK = "'"


def cell(text: str) -> str:
    """A text that a spreadsheet shows, and does not take for a formula."""
    text = clean(text, most=30_000, line=30_000)
    return MARK + text if text.startswith((*FORMULA, MARK)) else text


def uncell(text: str) -> str:
    """What `cell` made the cell from."""
    return text[1:] if text.startswith(MARK) and text[1:].startswith((*FORMULA, MARK)) else text


def write_text(path: Path, text: str) -> None:
    """Writes a report's file in one step: the old one stays until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_whole(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Writes rows as CSV (RFC 4180, UTF-8)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    write_text(path, text.getvalue())


def key(student: str) -> str:
    """A student's key as a table has it: on one line, whatever it is."""
    return one_line(student, 300)


def grade(one: Result) -> str:
    """What counts, or nothing while the grader still owes it."""
    return "" if one.status is Status.ERROR else number(one.final)


def _remark(one: Result) -> str:
    """What somebody who reads the grade should know: one phrase, or nothing."""
    if one.has_errors:
        return "grader error"
    if one.status is not Status.GRADED:
        return one.status.value
    waiting = sum(a.points is None for a in one.answers if a.most)
    return f"answers to look at: {waiting}" if waiting else ""


def gradebook(gathered: Gathered) -> list[list[str]]:
    """A row for each student: for each lab what counts, late days and a remark; then the sum."""
    labs = gathered.labs
    heads = [[lab, f"{lab} late days", f"{lab} remark"] for lab in labs]
    rows = [["student", "name", *(head for group in heads for head in group), "total", "of"]]
    most = {lab: max(r.points for r in gathered.of_lab(lab)) for lab in labs}
    for student in gathered.students:
        mine = {r.lab: r for r in gathered.of_student(student)}
        row = [cell(key(student)), cell(one_line(gathered.name_of(student)))]
        for lab in labs:
            one = mine.get(lab)
            row += [grade(one), str(one.late.days), _remark(one)] if one else ["", "", "not handed in"]
        total = sum(r.final for r in mine.values() if r.status is not Status.ERROR)
        rows.append([*row, number(total), number(sum(most.values()))])
    return rows


def write_gradebook(gathered: Gathered, path: Path) -> None:
    write_whole(path, gradebook(gathered))


# Moodle matches a row by one of these columns; its page for the import asks which.
MOODLE_KEYS = {"email": "Email address", "id": "ID number", "username": "Username"}


def moodle_key(students: Sequence[str]) -> str:
    """Which of Moodle's fields the roster's keys look like."""
    if all("@" in student for student in students):
        return "email"
    return "id" if all(student.isdigit() for student in students) else "username"


def _feedback(one: Result) -> str:
    lost = [t for t in one.tests if t.earned < t.points] if one.status is Status.GRADED else []
    words = [f"{number(one.final)} of {number(one.points)}"]
    if one.late.factor != 1:
        words.append(f"{one.late.days} days late: × {number(one.late.factor)}")
    if one.status is not Status.GRADED:
        why = next((note for note in one.notes if note.startswith("not graded: ")), "")
        words.append(one_line(why, 300) or one.status.value)
    words += [f"{one_line(t.title, 100)}: {number(t.earned)} of {number(t.points)}" for t in lost]
    words += [f"{one_line(a.question, 100)}: {one_line(a.comment, 300)}" for a in one.answers if a.comment]
    return "; ".join(words)


def moodle(
    results: Sequence[Result], match_by: str = "", decimal: str = ".", known: Mapping[str, str] = {}
) -> list[list[str]]:
    """Rows for Moodle's import of grades from CSV, for one lab: key, grade, feedback.

    `match_by` is a key of MOODLE_KEYS; "" takes what the students' keys look like. `known` is what Moodle
    calls a student, where that is not the key.

    Whoever has no grade yet has no row: Moodle takes an empty cell for "no grade" and would delete
    an earlier one. `decimal` is the decimal mark of the site's language. A row whose key Moodle does
    not know stops its import.
    """
    if len({r.lab for r in results}) > 1:
        raise ValueError("a Moodle file is of one lab")
    graded = [r for r in results if not r.has_errors]
    title = next((f"Lab {r.lab_number}: {one_line(r.lab_title, 100)}" for r in results), "Lab")
    field = MOODLE_KEYS[match_by or moodle_key([r.student for r in results])]
    rows = [[field, title, f"{title} (feedback)"]]
    for one in graded:
        shown = number(one.final).replace(".", decimal)
        rows.append([key(known.get(one.student, one.student)), shown, _feedback(one)])
    return rows


def write_moodle(
    results: Sequence[Result], path: Path, match_by: str = "", decimal: str = ".", known: Mapping[str, str] = {}
) -> None:
    write_whole(path, moodle(results, match_by, decimal, known))
