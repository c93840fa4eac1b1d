"""GitHub Classroom: the result that its autograding reporter reads.

    set_output(result)       # for the step of the workflow that follows (classroom_files.py)

The reporter (classroom-resources/autograding-grading-reporter) reads, for each runner that its input
`runners` names, the variable RUNNER_RESULTS: JSON in base64. Points are the sum of the tests'
`score` out of `max_score`; its status decides whether the check is green.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from grading.grader.result import Result, Status, Test, Verdict
from grading.reports.figures import judged
from grading.reports.text import clean, number, one_line

VERSION = 1  # of the reporter's format
MESSAGE_LIMIT = 2000
# An output of a step may have a megabyte, and an argument of a process 128 KiB.
ENCODED_LIMIT = 96 * 1024


def _status(test: Test) -> str:
    if test.verdict is Verdict.ERROR:
        return "error"
    return "pass" if test.verdict is Verdict.PASS else "fail"


def _test_document(test: Test, most: int) -> dict[str, Any]:
    file, _, name = one_line(test.name).rpartition("::")
    says = "\n".join(piece for piece in (test.text, f"hint: {test.hint}" if test.hint else "") if piece)
    return {
        "name": f"{one_line(test.title)} ({number(test.earned)} of {number(test.points)})",
        "status": _status(test),
        "score": round(test.earned, 4),
        "message": clean(says, most=most) or None,
        "test_code": f"make grade TEST={name}" if test.kind != "variant" else "",
        "filename": file,
        "line_no": 0,
        "duration": test.seconds,
    }


def classroom_document(one: Result, most: int = MESSAGE_LIMIT) -> dict[str, Any]:
    """The reporter's JSON. `most`: characters of each test's message."""
    tests = [_test_document(test, most) for test in judged(one)]
    if not tests:
        says = clean("\n".join([*one.notes, one.build.log]), most=most)
        failed = "error" if one.status is Status.ERROR else "fail"
        tests = [
            {
                "name": {Status.NOT_BUILT: "build", Status.ERROR: "grading"}.get(one.status, "submission"),
                "status": failed,
                "score": 0,
                "message": says or one.status.value,
                "test_code": "",
                "filename": "",
                "line_no": 0,
                "duration": 0,
            }
        ]
    statuses = {test["status"] for test in tests}
    status = "error" if "error" in statuses else "fail" if "fail" in statuses else "pass"
    most_points = sum(test.points for test in one.tests) or one.points or 100.0
    return {"version": VERSION, "status": status, "max_score": round(most_points, 4), "tests": tests}


def encode(document: dict[str, Any]) -> str:
    """The document as the reporter's variable holds it."""
    return base64.b64encode(json.dumps(document, ensure_ascii=False).encode()).decode()


def encoded_result(one: Result) -> str:
    """The result's document, with messages shortened until it fits into an environment."""
    most = MESSAGE_LIMIT
    while len(text := encode(classroom_document(one, most))) > ENCODED_LIMIT and most > 60:
        most //= 2
    return text


def set_output(one: Result, path: Path | None = None) -> None:
    """Gives the result to the steps that follow: `result` in the file that GITHUB_OUTPUT names."""
    path = path or Path(os.environ["GITHUB_OUTPUT"])
    with path.open("a") as file:
        file.write(f"result={encoded_result(one)}\n")
