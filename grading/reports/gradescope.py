"""Gradescope: what its page shows of a result, and what it tells of a submission.

    document = gradescope_document(result, variants="visible")
    write_results(document, Path("/autograder/results/results.json"))
    metadata = read_metadata(Path("/autograder/submission_metadata.json"))

Both are Gradescope's documented formats. Points are the tests' alone: its own lateness and its own
grading of written answers come on top. What is the grader's fault gives no points file at all on
Gradescope's side but an error page, so that nobody gets a zero for it: see `is_gradable`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.grader.result import Result, Status, Test, Verdict
from grading.reports.tables import write_text
from grading.reports.text import clean, number, one_line

VISIBILITY = ("visible", "after_due_date", "after_published", "hidden")
KINDS = {"variant": " (the grader's own inputs)", "earlier": " (earlier lab)"}
OUTPUT_LIMIT = 12_000  # characters of one test's text


@dataclass(frozen=True)
class Metadata:
    """What Gradescope says of a submission: its number, the student's address and name, the time."""

    submission: str = ""
    student: str = ""
    name: str = ""
    received: str = ""
    due: str = ""


def read_metadata(path: Path) -> Metadata:
    """submission_metadata.json. Groups are filed under their first member; what misses stays ""."""
    try:
        given = json.loads(path.read_text())
        users = [user for user in given.get("users") or [] if isinstance(user, dict)]
        names = ", ".join(str(user.get("name", "")) for user in users)
        student = str(users[0].get("email") or users[0].get("id") or "") if users else ""
        assignment = given.get("assignment") or {}
        due = assignment.get("due_date")
        return Metadata(
            str(given.get("id", "")), student, names, str(given.get("created_at") or ""), str(due or "")
        )
    except (OSError, ValueError, AttributeError):
        return Metadata()  # Gradescope says that the file may change; grading does not need it


def is_gradable(one: Result) -> bool:
    """Whether the result is one to show: without a fault of the grader's in it."""
    return not one.has_errors


def _output(test: Test) -> str:
    pieces = [clean(test.text, most=OUTPUT_LIMIT).strip("\n")]
    if test.cases[1] > 1:
        pieces.insert(0, f"{test.cases[0]} of {test.cases[1]} cases pass")
    if test.hint:
        pieces.append(f"hint: {clean(test.hint)}")
    if test.console and test.verdict not in (Verdict.PASS, Verdict.SKIPPED):
        pieces.append(f"what the kernel printed:\n{clean(test.console, most=4000)}")
    return "\n\n".join(piece for piece in pieces if piece)


def _number(test: Test, index: int) -> str:
    head = {"earlier": "earlier", "variant": "hidden"}.get(test.kind, str(test.exercise))
    return f"{head}.{index}"


def _test_document(test: Test, index: int, visibility: str) -> dict[str, Any]:
    kind = KINDS.get(test.kind, "")
    document: dict[str, Any] = {
        "name": f"{one_line(test.title)}{kind}",
        "name_format": "text",
        "number": _number(test, index),
        "score": round(test.earned, 4),
        "max_score": round(test.points, 4),
        "status": "passed" if test.verdict is Verdict.PASS else "failed",
        "output_format": "text",
        "tags": [test.kind, test.verdict.value],
        "visibility": visibility,
        "extra_data": {"test": one_line(test.name), "verdict": test.verdict.value, "seconds": test.seconds},
    }
    if output := _output(test):
        document["output"] = output
    return document


def _words(one: Result) -> str:
    """The text above the tests."""
    earned, points = sum(t.earned for t in one.tests), sum(t.points for t in one.tests)
    words = [f"{number(earned)} of {number(points)} points"]
    if one.status is Status.NOT_BUILT:
        words = ["It does not build, so no test could run.", clean(one.build.log, most=OUTPUT_LIMIT)]
    elif one.status is Status.REJECTED:
        words = ["Nothing in it could be graded: hand in the archive that `make submit` writes."]
    if one.notes:
        notes = "\n".join(f"- {one_line(note, 400)}" for note in one.notes)
        words.append(f"What was seen in the submission:\n{notes}")
    if one.taken:
        words.append("Graded: " + ", ".join(one_line(name, 120) for name in one.taken[:60]))
    words.append(f"Jail: {one_line(one.jail)}. Seed: {one_line(one.seed)}." if one.jail else "")
    return "\n\n".join(word for word in words if word)


def gradescope_document(one: Result, variants: str = "visible") -> dict[str, Any]:
    """results.json of a result. `variants`: who sees the tests on the grader's own inputs, and when.

    A result with a fault of the grader's in it is a ValueError: it has no points yet.
    """
    if not is_gradable(one):
        raise ValueError("the result has grader errors: it is to be graded again, not shown")
    if variants not in VISIBILITY:
        raise ValueError(f"visibility is {variants!r}: Gradescope knows {', '.join(VISIBILITY)}")
    counts: dict[str, int] = {}
    tests = []
    for test in one.tests:
        head = _number(test, 0)
        counts[head] = counts.get(head, 0) + 1
        shown = variants if test.kind == "variant" else "visible"
        tests.append(_test_document(test, counts[head], shown))
    document: dict[str, Any] = {
        "output": _words(one),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(one.seconds.get("all", sum(t.seconds for t in one.tests))),
        "extra_data": {
            "lab": one.lab,
            "schema": one.schema,
            "content": one_line(one.content),
            "seed": one_line(one.seed),
        },
        "tests": tests,
    }
    if not tests:
        document["score"] = 0.0  # not built or rejected: Gradescope needs one number at least
    return document


def write_results(document: dict[str, Any], path: Path) -> None:
    """Writes results.json whole."""
    write_text(path, json.dumps(document, indent=1) + "\n")
