"""A core for the tests of the batch: a submission says itself what becomes of it.

    points 40        sleep 2        die 1         the process is killed, once
    error 1          a grader error, once         timeout
    murder           the worker of the cluster is killed, each time
    stray            leaves a process that nothing ties to its parents
    window           leaves a jail that is not tied to its parents before they are gone
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from grading.grader.jail import bubble_words
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


def parent(pid: int) -> int:
    return int(Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[1])


def leave_stray(order: Order) -> None:
    """A process in a session of its own whose parent is gone."""
    subprocess.run(["setsid", "--fork", "sh", "-c", "sleep 300; :", str(order.work)], check=True)


def leave_window(order: Order) -> None:
    """A jail that asks to die with its parent only after its parent has died.

    bubblewrap's inner process waits for a pipe before it makes the jail, and asks after that. The other end
    is this process's: its death is what the jail waits for.
    """
    block, _ = os.pipe()
    words = [*bubble_words(1 << 20), "--block-fd", str(block), "--", "sh", "-c", "sleep 300; :", str(order.work)]
    subprocess.Popen(words, pass_fds=[block], start_new_session=True, stdin=subprocess.DEVNULL)
    time.sleep(0.5)  # until the inner process waits


def grade(order: Order) -> Result:
    lab = find_lab(order.lab, order.root)
    path = order.path
    text = (path / "wish.txt" if path.is_dir() else path).read_text()
    wishes = dict((*line.split(), "1")[:2] for line in text.splitlines() if line.strip())
    if "stray" in wishes:
        leave_stray(order)
    if "window" in wishes:
        leave_window(order)
    before = tries(order)
    time.sleep(float(wishes.get("sleep", 0)))
    if "murder" in wishes:
        os.kill(parent(os.getppid()), signal.SIGKILL)  # the parent is our warden
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
