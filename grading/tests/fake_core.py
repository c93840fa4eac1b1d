"""A core for the tests of the batch: a submission says itself what becomes of it.

    points 40        sleep 2        die 1         the process is killed, once
    error 1          a grader error, once         timeout
    murder           the worker of the cluster is killed, each time
"""

from __future__ import annotations

import os
import signal
import time

from grading.grader.result import Build, Result, Status, Verdict
from grading.grader.result import Test as OneTest
from grading.grader.work import Order
from labs.course import find_lab

ENTRY = "grading.tests.fake_core:grade"


def tries(order: Order) -> int:
    """How often this order came here: the file is beside the submission."""
    counter = order.path.parent / f".{order.path.name}.tries"
    count = len(counter.read_text()) if counter.exists() else 0
    counter.write_text("x" * (count + 1))
    return count


def grade(order: Order) -> Result:
    lab = find_lab(order.lab, order.root)
    path = order.path
    text = (path / "wish.txt" if path.is_dir() else path).read_text()
    wishes = dict((*line.split(), "1")[:2] for line in text.splitlines() if line.strip())
    before = tries(order)
    time.sleep(float(wishes.get("sleep", 0)))
    if "murder" in wishes:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    if before < int(wishes.get("die", 0)):
        os.kill(os.getpid(), signal.SIGKILL)
    status = Status.ERROR if before < int(wishes.get("error", 0)) else Status.GRADED
    verdict = Verdict.TIMEOUT if "timeout" in wishes else Verdict.PASS
    test = OneTest("test_a.py::test_a", "A fact.", "new", 1, 100, float(wishes.get("points", 0)), verdict)
    return Result(
        lab.name, lab.number, lab.title, order.student, status=status, tests=(test,), build=Build(True),
        content=text, seed=order.secret,
    )  # fmt: skip
