"""Deadlines, late days and extensions, and which submission counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grading.grader.result import Late, Result, Status, Verdict
from grading.grader.result import Test as OneTest
from grading.grader.roster import ClassError
from grading.grader.settle import settle
from grading.grader.terms import Terms, load_terms

LABS = {"boot": 1, "console": 2, "frames": 3}
TEXT = """
timezone = "Europe/Berlin"
[late]
free_days = 3
per_day = 0.1
lowest = 0.5
last_day = 8
grace_minutes = 10
[lab.boot]
due = 2026-03-01T23:59:00
[lab.console]
due = 2026-03-15T23:59:00
"""
DUE = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)  # of boot
DUE2 = DUE + timedelta(days=14)


def terms(tmp_path: Path, text: str = TEXT) -> Terms:
    path = tmp_path / "class.toml"
    path.write_text(text)
    return load_terms(path, LABS)


def handed_in(lab: str, when: datetime, earned: float = 100, status: Status = Status.GRADED, **more) -> Result:  # type: ignore[no-untyped-def]
    test = OneTest("t", "t", "new", 1, 100, earned, Verdict.PASS)
    late = Late(received=when.isoformat())
    return Result(lab, LABS[lab], lab, "ada", status=status, tests=(test,), late=late, **more)


@pytest.mark.parametrize(
    "after, days, factor",
    [
        (timedelta(0), 0, 1.0),
        (timedelta(minutes=10), 0, 1.0),
        (timedelta(minutes=10, seconds=1), 1, 0.9),
        (timedelta(days=1), 1, 0.9),
        (timedelta(days=1, seconds=1), 2, 0.8),
        (timedelta(days=8), 8, 0.5),
        (timedelta(days=8, seconds=1), 9, 0.0),
    ],
)
def test_days_late_and_what_they_cost(tmp_path: Path, after: timedelta, days: int, factor: float) -> None:
    late = terms(tmp_path).lateness("ada", "boot", DUE + after, free=0)
    assert (late.days, late.factor, late.days_spent) == (days, factor, 0)


def test_free_days_come_first(tmp_path: Path) -> None:
    late = terms(tmp_path).lateness("ada", "boot", DUE + timedelta(days=4), free=3)
    assert (late.days, late.days_spent, late.factor) == (4, 3, 0.9)
    late = terms(tmp_path).lateness("ada", "boot", DUE + timedelta(days=8), free=2)
    assert (late.days, late.days_spent, late.factor) == (8, 0, 0.5)  # they would not help
    assert late.received.endswith("+01:00")  # as the deadline


def test_a_day_is_24_hours_over_the_change_to_summer_time(tmp_path: Path) -> None:
    rules = terms(tmp_path, TEXT.replace("2026-03-01T23:59:00", "2026-03-28T23:59:00"))
    due = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)
    zone = rules.zone
    assert rules.lateness("ada", "boot", (due + timedelta(hours=24)).astimezone(zone), 0).days == 1
    assert rules.lateness("ada", "boot", (due + timedelta(hours=24, seconds=1)).astimezone(zone), 0).days == 2


def test_extensions_move_the_deadline_of_one_student(tmp_path: Path) -> None:
    given = (
        '\n[[extension]]\nstudent = "ada"\nlab = "boot"\ndays = 3\n'
        '[[extension]]\nstudent = "ada"\ndays = 1\n'
        '[[extension]]\nstudent = "alan"\nlab = "boot"\nuntil = 2026-03-09T12:00:00\n'
    )
    rules = terms(tmp_path, TEXT + given)
    assert rules.due("ada", "boot") == DUE + timedelta(days=3)  # the longer of two
    assert rules.due("ada", "console") == DUE2 + timedelta(days=1)
    assert rules.due("alan", "boot") == datetime(2026, 3, 9, 11, tzinfo=UTC)
    assert rules.due("kim", "boot") == DUE
    assert rules.lateness("alan", "boot", DUE + timedelta(days=7), 0).factor == 1.0


def test_late_days_are_spent_in_the_order_of_deadlines(tmp_path: Path) -> None:
    late = [handed_in("console", DUE2 + timedelta(days=2)), handed_in("boot", DUE + timedelta(days=2))]
    counted = {result.lab: result.late for result in settle(terms(tmp_path), late)}
    assert (counted["boot"].days_spent, counted["boot"].factor) == (2, 1.0)
    assert (counted["console"].days_spent, counted["console"].factor) == (1, 0.9)


def test_at_most_so_many_free_days_for_one_lab(tmp_path: Path) -> None:
    rules = terms(tmp_path, TEXT.replace("free_days = 3", "free_days = 3\nfree_days_per_lab = 1"))
    (counted,) = settle(rules, [handed_in("boot", DUE + timedelta(days=2))])
    assert (counted.late.days_spent, counted.late.factor) == (1, 0.9)


def test_the_latest_counts_even_if_it_is_worse(tmp_path: Path) -> None:
    both = [handed_in("boot", DUE, 90), handed_in("boot", DUE + timedelta(seconds=60), 40)]
    (counted,) = settle(terms(tmp_path), both)
    assert counted.earned == 40


def test_the_best_counts_with_its_lateness(tmp_path: Path) -> None:
    rules = terms(tmp_path, 'counts = "best"\n' + TEXT.replace("free_days = 3", "free_days = 0"))
    on_time, late = handed_in("boot", DUE, 80), handed_in("boot", DUE + timedelta(days=2), 95)
    assert next(settle(rules, [late, on_time])).earned == 80  # 95 * 0.8 is less
    assert next(settle(rules, [handed_in("boot", DUE, 70), late])).earned == 95


def test_of_equals_the_best_is_the_one_without_late_days(tmp_path: Path) -> None:
    rules = terms(tmp_path, 'counts = "best"\n' + TEXT)
    both = [handed_in("boot", DUE + timedelta(days=1), 90), handed_in("boot", DUE, 90)]
    (counted,) = settle(rules, both)
    assert counted.late.days == counted.late.days_spent == 0


def test_a_grader_error_counts_only_if_there_is_nothing_else(tmp_path: Path) -> None:
    rules = terms(tmp_path, 'counts = "best"\n' + TEXT)
    bad = handed_in("boot", DUE, 100, Status.ERROR)
    assert next(settle(rules, [bad, handed_in("boot", DUE, 10)])).earned == 10
    assert next(settle(rules, [bad])).status is Status.ERROR


def test_without_a_deadline_nothing_is_late() -> None:
    result = handed_in("frames", DUE)
    (counted,) = settle(Terms(), [result])
    assert counted.late.factor == 1.0 and counted.final == 100


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("[lat]\n", "has 'lat'"),
        ("[late]\nperday = 1\n", "late has no 'perday'"),
        ("[late]\nper_day = -1\n", "late.per_day is -1"),
        ("[late]\nfree_days = 1.5\n", "late.free_days is 1.5"),
        ("[lab.bot]\ndue = 2026-03-01T23:59:00\n", "there is no lab 'bot'"),
        ("[lab.boot]\ndue = \"tomorrow\"\n", "lab.boot.due is 'tomorrow'"),
        ("[lab.boot]\ndeu = 2026-03-01T23:59:00\n", "should have one line"),
        ("timezone = \"Mars\"\n", "no timezone 'Mars'"),
        ("counts = \"first\"\n", "counts is 'first'"),
        ("[[extension]]\nstudent = \"ada\"\n", "give either days or until"),
        ("[[extension]]\nlab = \"boot\"\ndays = 1\n", "missing 1 required positional argument: 'student'"),
        ("[[extension]]\nstudent = \"ada\"\nlab = \"bot\"\ndays = 1\n", "there is no lab 'bot'"),
        ("roster = \"none.csv\"\n", "none.csv"),
        ("due = \n", "Invalid value"),
    ],
)
def test_a_bad_class_file_is_refused_with_its_value(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ClassError, match="class.toml|none.csv") as caught:
        terms(tmp_path, text)
    assert complaint in str(caught.value)


def test_an_extension_for_a_stranger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("student\nalan\n")
    text = 'roster = "roster.csv"\n[[extension]]\nstudent = "ada"\ndays = 1\n'
    with pytest.raises(ClassError, match="extension of ada: no such student"):
        terms(tmp_path, text)


def test_settling_changes_nothing_else() -> None:
    result = handed_in("boot", DUE, notes=("seen",), content="abc")
    (counted,) = settle(Terms(), [result])
    assert replace(counted, late=result.late) == result
