"""Points that a person gives for written answers: the sheet, and what becomes of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from grading.grader.result import read
from grading.reports import hand, tables
from grading.reports.gather import ReportError, gather
from grading.tests.sample_results import sample_class, write_class


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A batch's folder: two labs."""
    write_class([*sample_class(12), *sample_class(8, "frames", 2)], tmp_path / "results")
    return tmp_path


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def fill(path: Path, **cells: str) -> None:
    """Fills in the first row of a sheet."""
    rows = rows_of(path)
    for name, value in cells.items():
        rows[1][rows[0].index(name)] = value
    tables.write_whole(path, rows)


def test_points_by_hand_reach_every_report(out: Path) -> None:
    before = gather([out])
    sheet = out / "hand.csv"
    assert hand.write_sheet(before.of_lab("paging"), sheet) == 18
    fill(sheet, points="3,5", of="4", comment="The second index is off by one.")
    found = gather([out])
    old, new = before.of_lab("paging")[0], found.of_lab("paging")[0]
    assert new.answers[0].points == 3.5 and new.answers[0].most == 4.0
    assert new.final == old.final + 3.5 and new.points == old.points - 1
    assert read(out / "results" / "paging" / "000.json").answers[0].points is None
    assert "The second index is off by one." in tables.moodle([new])[1][2]


def test_the_sheet_written_again_keeps_what_was_filled_in(out: Path) -> None:
    sheet = out / "hand.csv"
    results = gather([out]).of_lab("paging")
    hand.write_sheet(results, sheet)
    fill(sheet, points="2", comment="=good")
    hand.write_sheet(results[1:], sheet)
    assert hand.write_sheet(results, sheet) == 18
    first = hand.read_hand(sheet)[0]
    assert (first.points, first.of, first.comment) == (2.0, 5.0, "=good")


def test_a_sheet_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hand.csv"
    path.write_bytes(
        "\ufefflab;student;question;points;of\r\npaging;ada;1. By hand;1,5;2\r\n;;;;\r\n".encode()
    )
    (row,) = hand.read_hand(path)
    assert (row.lab, row.question, row.points, row.of) == ("paging", "1. By hand", 1.5, 2.0)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"points": "6"}, r"hand.csv:3: 6 points of 5 for '1. By hand'"),
        ({"points": "good"}, r"hand.csv:3: points is 'good': give a number"),
        ({"points": "nan"}, r"points is 'nan'"),
        ({"points": "-1"}, r"points is '-1'"),
        ({"points": "1", "question": "7. None"}, r"has no question '7. None'; it has: '1. By hand'"),
    ],
)
def test_a_wrong_sheet_is_refused_with_its_line(out: Path, cells: dict[str, str], says: str) -> None:
    sheet = out / "hand.csv"
    hand.write_sheet(gather([out]).of_lab("paging"), sheet)
    fill(sheet, **cells)
    with pytest.raises(ReportError, match=says):
        gather([out])
