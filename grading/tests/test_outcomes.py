"""From outcomes to points and verdicts, and what becomes of faults that are ours."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from grading.grader import one
from grading.grader.jail import JailError
from grading.grader.one import Job, grade_one, seed_of
from grading.grader.outcomes import again, gather, printable, read_outcomes, the_same_again
from grading.grader.pristine import Planned
from grading.grader.result import Result, Status, Verdict
from labs.report import Outcome

ROOT = Path(__file__).resolve().parents[2]
MISSING = (Verdict.ERROR, "the test did not run to its end")


def planned(name: str, points: float = 2.0, kind: str = "new", exercise: int = 1) -> Planned:
    return Planned(name, name.split("[")[0], f"title of {name}", kind, exercise, points)


def outcome(name: str, verdict: str, text: str = "", waited: bool = False, console: str = "") -> Outcome:
    return Outcome(name, name.split("[")[0], "", "new", 1, 2.0, verdict, text, 1.5, waited=waited, console=console)


def together(**verdicts: str) -> tuple[Verdict, float, tuple[int, int]]:
    """What one test with these cases comes to."""
    plan = [planned(f"t.py::t[{case}]") for case in verdicts]
    found = {f"t.py::t[{c}]": outcome(f"t.py::t[{c}]", v, f"text of {c}") for c, v in verdicts.items() if v}
    (test,) = gather(plan, found, MISSING)
    assert test.points == 2.0 * len(plan)
    return test.verdict, test.earned, test.cases


def test_cases_are_put_together() -> None:
    assert together(a="pass", b="pass") == (Verdict.PASS, 4, (2, 2))
    assert together(a="pass", b="fail") == (Verdict.PARTIAL, 2, (1, 2))
    assert together(a="fail", b="panic") == (Verdict.PANIC, 0, (0, 2))
    assert together(a="fail", b="timeout") == (Verdict.TIMEOUT, 0, (0, 2))
    assert together(a="skipped", b="skipped") == (Verdict.SKIPPED, 0, (0, 2))
    # An error of ours is never hidden behind what else the test has.
    assert together(a="pass", b="error")[0] is Verdict.ERROR
    assert together(a="pass", b="")[0] is Verdict.ERROR


def test_what_left_no_outcome_is_there_and_says_so() -> None:
    (test,) = gather([planned("t.py::t")], {}, MISSING)
    assert (test.verdict, test.text, test.earned) == (Verdict.ERROR, MISSING[1], 0)
    (test,) = gather([planned("t.py::t")], {}, (Verdict.TIMEOUT, "too late"))
    assert (test.verdict, test.text) == (Verdict.TIMEOUT, "too late")


def test_only_planned_tests_count() -> None:
    stranger = outcome("t.py::forged", "pass")
    (test,) = gather([planned("t.py::t")], {"t.py::forged": stranger, "t.py::t": outcome("t.py::t", "fail")}, MISSING)
    assert test.name == "t.py::t" and test.earned == 0


def test_kinds_of_one_test_stay_apart_and_in_order() -> None:
    plan = [planned("t.py::t[variant1]", kind="variant"), planned("e.py::e", kind="earlier", exercise=0),
            planned("t.py::u", exercise=2), planned("t.py::t[variant0]")]  # fmt: skip
    tests = gather(plan, {}, MISSING)
    assert [(t.name, t.kind) for t in tests] == [
        ("t.py::t", "new"), ("t.py::u", "new"), ("e.py::e", "earlier"), ("t.py::t", "variant")]  # fmt: skip


def test_texts_are_fit_to_be_shown_and_the_same_again() -> None:
    text = (
        "no 'x' within 12.5 s\n  | [0.1] boo\n  command: qemu -x\n  exit status: 3\n  rerun: /a/b\n"
        "seen: 1\n  why: often \x1b[2J"
    )
    found = {"t.py::t": outcome("t.py::t", "fail", text, console="a\x1b]0;owned\x07b\n<b>")}
    (test,) = gather([planned("t.py::t")], found, MISSING)
    assert test.text == "no 'x' in time\nseen: 1"
    assert test.hint == "often \ufffd[2J"
    assert test.console == "a\ufffd]0;owned\ufffdb\n<b>"
    assert the_same_again("ended within 3 s") == the_same_again("ended within 17.2 s")
    assert len(printable("x" * 10_000, 100)) < 200


def test_errors_and_waits_are_asked_again() -> None:
    plan = [planned(f"t.py::{n}") for n in "abcde"]
    found = {o.id: o for o in (outcome("t.py::a", "pass"), outcome("t.py::b", "error"),
             outcome("t.py::c", "fail", waited=True), outcome("t.py::d", "fail"))}  # fmt: skip
    assert again(plan, found) == (["t.py::b", "t.py::e"], ["t.py::c"])


def test_a_report_that_is_no_report_is_no_outcome(tmp_path: Path) -> None:
    path = tmp_path / "grade.json"
    for text in ("", "{", "[]", '{"tests": [{"id": 1}]}', '{"tests": 3}'):
        path.write_text(text)
        assert read_outcomes(path) == {}
    path.write_text(json.dumps({"tests": [vars(outcome("t.py::t", "pass"))]}))
    assert read_outcomes(path)["t.py::t"].verdict == "pass"


# One submission.


def job(tmp_path: Path, **fields: object) -> Job:
    given = {"root": ROOT, "lab": "paging", "submission": tmp_path / "absent.tar.gz", "student": "doe",
             "secret": b"secret", "work": tmp_path, "time_scale": 4.0}  # fmt: skip
    return Job(**(given | fields))  # type: ignore[arg-type]


def test_seeds_follow_from_secret_content_and_lab(tmp_path: Path) -> None:
    one_job = job(tmp_path)
    assert seed_of(one_job, "abc") == seed_of(pickle.loads(pickle.dumps(one_job)), "abc")
    others = {seed_of(job(tmp_path, secret=b"other"), "abc"), seed_of(one_job, "abd"), seed_of(one_job, "abc"),
              seed_of(job(tmp_path, lab="boot"), "abc")}  # fmt: skip
    assert len(others) == 4
    assert seed_of(job(tmp_path, seed="7"), "abc") == "7"


def test_faults_of_ours_are_tried_again_and_never_zeroes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def broken(job: Job, lab: object, result: Result, clock: object) -> Result:
        tries.append(result.attempts)
        if len(tries) < 3:
            raise OSError("the disk is full")
        return result

    monkeypatch.setattr(one, "_grade", broken)
    result = grade_one(job(tmp_path))
    assert tries == [1, 2, 3] and result.status is Status.GRADED and result.notes == ()
    assert "the disk is full" in result.machine["attempt 2"]
    tries.clear()
    monkeypatch.setattr(one, "ATTEMPTS", 2)
    result = grade_one(job(tmp_path))
    assert result.status is Status.ERROR and "the disk is full" in result.notes[-1]


def test_what_nobody_can_be_graded_with_is_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = grade_one(job(tmp_path, lab="nonsense"))
    assert result.status is Status.ERROR and "there is no lab 'nonsense'" in result.notes[0]

    def no_jail(*_: object) -> Result:
        raise JailError("no jail can be made on this machine")

    monkeypatch.setattr(one, "_grade", no_jail)
    assert grade_one(job(tmp_path)).status is Status.ERROR

    def surprise(*_: object) -> Result:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr(one, "_grade", surprise)
    result = grade_one(job(tmp_path))
    assert result.status is Status.ERROR and result.notes == ("grader error: ZeroDivisionError: surprise",)
