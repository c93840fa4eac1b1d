"""Stands for the grader's core where only what is around it is tested: points for words in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grading.grader.result import Build, Result, Status, Test, Verdict

HOSTILE = "\x1b[31m<script>\x00 \udcff"


def grade(
    root: Path, lab: str, student: str, submission: Path, name: str, secret: str, work: Path
) -> Result:
    """Ten points for `good` in page_table.cc, five for a hidden variant of it."""
    base = Result(lab, 4, "Sv39 page tables", student, submission=name, seed=secret[:4], jail="none at all")
    path = submission / "kernel" / "mm" / "page_table.cc"
    if not path.exists():
        return replace(base, status=Status.REJECTED, notes=(f"it has no {path.name}{HOSTILE}",))
    text = path.read_text()
    if "syntax error" in text:
        return replace(base, status=Status.NOT_BUILT, build=Build(False, 1.0, "page_table.cc:1: error"))
    verdict = (
        Verdict.ERROR if "broken machine" in text else Verdict.PASS if "good" in text else Verdict.FAIL
    )
    tests = []
    for kind, points in (("new", 10.0), ("earlier", 3.0), ("variant", 5.0)):
        earned = points if verdict is Verdict.PASS else 0.0
        says = "" if earned else f"the leaf\n  expected: 0x1\n  seen:     0x0{HOSTILE}"
        exercise = 1 if kind == "new" else 0
        tests.append(
            Test("test_paging.py::test_walk", "A walk", kind, exercise, points, earned, verdict, says)
        )
    return replace(base, tests=tuple(tests), build=Build(True), taken=("kernel/mm/page_table.cc",))


def warm_up(root: Path, lab: str, work: Path) -> None:
    (work / "warm").write_text(lab)
