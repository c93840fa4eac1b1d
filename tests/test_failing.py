"""Every n-th allocation fails: whatever a program does then, the kernel neither panics nor loses anything.

A kernel of its own, built with FAIL=1, has a system call by which a program asks for that, for itself
and its children (kernel/process/tests/failing.cc); user/stress/failing.c runs another program so. `make
test` tries some of user/tests, `make fail-allocations` (GOOSE_FAIL=all) all of them, and lines of
the shell, each with every single allocation failing once, and with every n-th; STEP=7 FROM=3 TO=500 tries every seventh from the third to the 500th.
CONTINUE=1 leaves out what has passed since the last run without it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT, alone, make, place
from tests.test_exhaustion import check_alive
from tests.test_leaks import counts

from grading.disk import fsck, make_image
from grading.machine import Machine
from grading.qemu import Disk, Options
from grading.timing import scaled
from labs.fixtures import emptied
from labs.grade import FAILED, FOLDER

ALL = os.environ.get("GOOSE_FAIL") == "all"
STEP = int(os.environ.get("STEP", 1 if ALL else 5))  # every STEP-th n is tried,
FROM = int(os.environ.get("FROM", 1))  # from this one
TO = int(os.environ.get("TO", 2000 if ALL else 400))  # to this one, or the program's last
FAIL_BUILD = BUILD / "fail"  # the kernel; the disks are the usual ones
PASSED = FAIL_BUILD / f"passed-{FROM}-{TO}-{STEP}"  # names, line by line
SOME = [
    "exec_passes_big_arguments",
    "fork_child_sees_copy",
    "pipe_passes_every_byte_in_order",
    "rename_replaces_what_exists",
    "shared_mapping_of_a_file_is_shared_by_processes",
]
# Those whose point is to use up all memory, or that take long without an allocation failing.
LEFT_OUT = {
    "process_that_takes_all_memory_is_killed": "ends when the memory of the machine does",
    "fork_of_a_large_process_copies_no_frames": "takes most memory by itself",
}
TESTS = sorted(path.stem for path in (ROOT / "user/tests").glob("*.c"))
NAMES = [name for name in (TESTS if ALL else SOME) if name not in LEFT_OUT]
LINES = {
    "a pipeline": "echo goose | cat | wc -c > /tmp/count; rm /tmp/count",
    "files and folders": "mkdir -p /tmp/w/x && echo text > /tmp/w/x/f && mv /tmp/w/x /tmp/w/y && ls -lR /tmp/w",
    "mounts": "mkdir -p /tmp/m; mount -t proc none /tmp/m && cat /tmp/m/uptime; umount /tmp/m",
    "a disk mounted": "mkdir -p /tmp/d; mount /dev/vdb /tmp/d && echo more > /tmp/d/new; umount /tmp/d",
    "all of proc": "cat /proc/[a-z]* /proc/self/[a-z]* /proc/goose/*; true",  # some are folders
    "a copy": "cp -r /etc /tmp/etc; sync; rm -r /tmp/etc; find / > /dev/null; sort /etc/motd",
}
EARLIER = PASSED.read_text().splitlines() if os.environ.get("CONTINUE") and PASSED.exists() else []
CLEAN = "umount /tmp/m; umount /tmp/d; rm -rf /tmp/* /tmp/.[a-z]*"


class Failing:
    """A booted machine with FAIL=1, booted anew after a test that failed, whose folder stays."""

    def __init__(self, folder: Path) -> None:
        self.parent, self.boots = folder, 0
        self.machine: Machine | None = None

    @property
    def folder(self) -> Path:
        """Of the machine that runs, or ran last."""
        return self.parent / f"boot{self.boots}"

    def start(self) -> Machine:
        if self.machine is None:
            self.boots += 1
            self.folder.mkdir()
            make_image(self.folder / "scratch.img", "32M")
            disks = [Disk(BUILD / name, mode="copy") for name in ("tests.img", "disk.img")]
            disks.append(Disk(self.folder / "scratch.img", mode="direct"))
            options = Options(
                kernel=FAIL_BUILD / "goose.elf", smp=2, disks=disks, append="root=/dev/vda",
                folder=self.folder / "run0",
            )  # fmt: skip
            self.machine = Machine(options).__enter__()
            self.machine.wait_prompt()
        return self.machine

    def stop(self) -> None:
        if self.machine:
            self.machine.__exit__(None, None, None)
            self.machine.keep()
            self.machine = None

    def finish(self) -> None:
        """The shell answers, the machine ends in order, and its disks are sound."""
        run = self.start()
        try:
            check_alive(run)
        finally:
            self.stop()
        for image in run.images:
            fsck(image)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def session(build: Path) -> Iterator[Failing]:
    with alone(BUILD / "fail.lock"):
        make(f"{FAIL_BUILD}/goose.elf", "FAIL=1", f"B={FAIL_BUILD}")
    session = Failing(emptied(place(f"failing-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")))
    yield session
    session.finish()


@pytest.fixture
def failing(request: pytest.FixtureRequest, session: Failing) -> Iterator[Failing]:
    session.start()
    request.node.stash[FOLDER] = session.folder
    yield session
    if request.node.stash.get(FAILED, False):
        session.stop()


def growth(run: Machine, before: dict[str, int]) -> dict[str, int]:
    """What there is more of than before; what caches hold of files is not counted."""
    after = counts(run)
    grown = {name: after[name] - before[name] for name in before.keys() - {"files", "free", "heap_bytes"}}
    return {name: number for name, number in grown.items() if number > 0}


def try_all(failing: Failing, name: str, words: str) -> None:
    """Once for each allocation, then each n-th; and twice more if something was not given back."""
    plans = [f"once {FROM} {TO} {STEP}", f"every 1 9 {2 if ALL else 4}", f"every 10 {200 if ALL else 60} 37"]

    def all_plans() -> str:
        """On a disk of its own: where that can be unmounted nobody has a file of it, and its caches go."""
        said = ""
        run.check("mount /dev/vdc /tmp")
        for plan in plans:
            ran = run.run(f"cd /tmp; LIMIT={scaled(1500):.0f} /stress/failing {plan} {words}", 600)
            said += ran.output
            assert ran.status == 0, f"failing {plan} {words}: {ran.output}"
            run.run(CLEAN)
        run.check("cd /; umount /tmp")
        return said

    run = failing.start()
    without = run.run(f"cd /tmp; {words} > /dev/null", 60)
    assert without.status == 0, f"{words} fails without failing allocations: {without.output}"
    run.run(f"/stress/failing every 100000 100000 1 {words}; {CLEAN}", 60)
    before = counts(run)
    said = all_plans()
    print(said)
    assert re.search(r": [1-9]\d* allocations failed", said), f"no allocation failed: {said}"
    lost = growth(run, before)
    for _ in range(2):
        if not lost:
            break
        before = counts(run)
        all_plans()
        again = growth(run, before)
        lost = {name: again[name] for name in lost.keys() & again.keys()}
    assert not lost, f"{words}: each time there is more: {lost}\n{said}"
    if ALL:
        with PASSED.open("a") as file:
            file.write(f"{name}\n")


def each(names: Iterable[str]) -> pytest.MarkDecorator:
    """A test for each of them, but for those that have passed already."""
    passed = pytest.mark.skip(reason="CONTINUE=1: it has passed earlier")
    return pytest.mark.parametrize("name", [pytest.param(n, marks=passed if n in EARLIER else ()) for n in names])


@each(NAMES)
def test_user_test(failing: Failing, name: str) -> None:
    try_all(failing, name, f"/tests/{name}")


@each(LINES if ALL else ["a pipeline"])
def test_line(failing: Failing, name: str) -> None:
    try_all(failing, name, f"/bin/sh -c '{LINES[name]}'")
