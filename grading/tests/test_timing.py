"""Limits that run while somebody else has the core, and those that do not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from grading import timing


@pytest.fixture(autouse=True)
def unscaled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(timing.VARIABLE, "1")
    timing.scale.cache_clear()
    yield
    timing.scale.cache_clear()


def test_a_deadline_runs_out_while_nobody_waits_for_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "waits", lambda *processes: {"1": 7.0, "2": 9.0})
    deadline = timing.Deadline(0.05)
    assert 0 < deadline.left() <= 0.05
    time.sleep(0.06)
    assert deadline.left() == 0


def test_a_deadline_moves_on_by_the_longest_wait_for_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = {"1": 7.0, "2": 9.0}
    monkeypatch.setattr(timing, "waits", lambda *processes: waited)
    deadline = timing.Deadline(0.05)
    time.sleep(0.06)
    waited = {"1": 12.0, "2": 12.0, "3": 4.0}
    assert 4.5 < deadline.left() < 5


def test_a_deadline_runs_out_however_many_wait() -> None:
    core = min(os.sched_getaffinity(0))
    spin = f"""import os
os.sched_setaffinity(0, {{{core}}})
for _ in range(5): os.fork()
while True: pass"""
    child = subprocess.Popen([sys.executable, "-c", spin], start_new_session=True)
    try:
        deadline, limit = timing.Deadline(0.05, child.pid), time.monotonic() + 120
        while deadline.left():
            assert time.monotonic() < limit
            time.sleep(0.01)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def test_whoever_shares_a_core_is_starved_and_who_sleeps_is_not() -> None:
    core = min(os.sched_getaffinity(0))
    spin = f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    words = [[sys.executable, "-c", spin], [sys.executable, "-c", spin], ["sleep", "60"]]
    children = [subprocess.Popen(command) for command in words]
    try:
        limit = time.monotonic() + 60
        while not all(max(timing.waits(c.pid).values()) > 0.3 for c in children[:2]):
            assert time.monotonic() < limit
            time.sleep(0.05)
        before = timing.waits(children[2].pid)
        time.sleep(0.3)
        assert timing.waits(children[2].pid) == before
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert timing.waits(children[0].pid) == {}
