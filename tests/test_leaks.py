"""Frames by use, open files, inodes, threads and heap objects are counted before and after.

Each line runs a few times first, so that caches hold what they will hold, and then often.
"""

from __future__ import annotations

import pytest
from tests.conftest import Start

from grading.machine import Machine

LINES = {
    "fork and exec": "true",
    "a pipeline": "echo goose | cat | wc -c > /dev/null",
    "a file made and removed": "echo goose > /tmp/f; cat /tmp/f > /dev/null; rm /tmp/f",
    "folders and links": "mkdir -p /tmp/a/b; ln -s a /tmp/l; ls /tmp/l; rm -r /tmp/a /tmp/l",
    "a program that is not there": "/no/such/program",
    "a background job": "sleep 0 & wait",
    "a subshell that is killed": "sh -c 'kill -9 $$'",
    "a sparse file": "head -c 1 /dev/zero > /tmp/s; rm /tmp/s",
}
TIMES = 20


def counts(run: Machine) -> dict[str, int]:
    """The kernel's own counters, as /proc/goose shows them: frames by use, and objects."""
    run.check("sync")
    # Counting objects ends the quarantine of a sanitized kernel. Else what the counting itself needs
    # would find no room in the frames there are.
    run.check("cat /proc/goose/objects > /dev/null")
    lines = run.check("cat /proc/goose/objects /proc/goose/frames").splitlines()
    return {name: int(number) for name, number in (line.rsplit(" ", 1) for line in lines)}


# A leak shows once for each turn; caches that are per hart may grow by less than that. What the
# page cache keeps is no leak, and bytes of the heap are counted as objects.
NOT_COUNTED = {"files", "free", "heap_bytes"}


@pytest.mark.slow
@pytest.mark.goose_only
@pytest.mark.parametrize("smp", [1, 2, 4])
def test_nothing_leaks(machine: Start, smp: int) -> None:
    run = machine(smp=smp)
    run.wait_prompt()
    leaks = []
    for name, line in LINES.items():
        for _ in range(3):
            run.run(line)
        before = counts(run)
        for _ in range(TIMES):
            run.run(line)
        after = counts(run)
        for counter in before.keys() - NOT_COUNTED:
            if after[counter] - before[counter] >= TIMES:
                leaks.append(f"{name}: {after[counter] - before[counter]} more of {counter}")
    assert leaks == []
