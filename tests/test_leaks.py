"""Frames, open files and inodes are counted before and after: nothing leaks.

Each line runs a few times first, so that caches hold what they will hold, and then often.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from conftest import Start

from grading.machine import Machine

LINES = {
    "fork and exec": "true",
    "a pipeline": "echo goose | cat | wc -c > /dev/null",
    "a file made and removed": "echo goose > /tmp/f; cat /tmp/f > /dev/null; rm /tmp/f",
    "folders and links": "mkdir -p /tmp/a/b; ln -s a /tmp/l; ls /tmp/l > /dev/null; rm -r /tmp/a /tmp/l",
    "a program that is not there": "/no/such/program",
    "a background job": "sleep 0 & wait",
    "a subshell that is killed": "sh -c 'kill -9 $$'",
    "a sparse file": "head -c 1 /dev/zero > /tmp/s; rm /tmp/s",
}
TIMES = 20


@dataclass(frozen=True)
class Counts:
    """The kernel's own counters, as /proc shows them."""

    free_frames: int
    open_files: int
    inodes: int

    @classmethod
    def of(cls, run: Machine) -> Counts:
        run.check("sync")
        memory = run.check("grep MemFree /proc/meminfo").split()
        files = run.check("cat /proc/sys/fs/file-nr").split()
        inodes = run.check("cat /proc/sys/fs/inode-nr").split()
        return cls(int(memory[1]) // 4, int(files[0]), int(inodes[0]))


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
        before = Counts.of(run)
        for _ in range(TIMES):
            run.run(line)
        after = Counts.of(run)
        # Per-hart caches may hold a few frames more; a leak would show once for each turn.
        if before.free_frames - after.free_frames >= TIMES:
            leaks.append(f"{name}: {before.free_frames - after.free_frames} frames")
        if after.open_files > before.open_files:
            leaks.append(f"{name}: {after.open_files - before.open_files} open files")
        if after.inodes - before.inodes >= TIMES:
            leaks.append(f"{name}: {after.inodes - before.inodes} inodes")
    assert leaks == []
