"""Every program of user/tests, on goose at one, two and four harts and on Linux.

A test program ends with status 0 when the fact in its name holds, and prints what it saw when it
does not. One whose source says `// goose-only` looks at goose's own counters, terminal or limits
and is not run on Linux; `// not-on-qemu-user: REASON` is for what Linux does and QEMU's imitation
of it does not. On goose all of them share a machine per number of harts: what one leaves
behind would show in the next.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT

from grading.errors import GuestError
from grading.machine import Machine
from grading.qemu import Disk, Options
from grading.shell import Ran
from grading.timing import scaled

GUEST = "/tests"  # where tests.img has them
TIME_LIMIT = 30
SOURCES = sorted((ROOT / "user/tests").glob("*.c"))
NAMES = [source.stem for source in SOURCES]
GOOSE_ONLY = re.compile(r"^// goose-only", re.MULTILINE)
NOT_IMITATED = re.compile(r"^// not-on-qemu-user: \w", re.MULTILINE)
LINUX = [
    source.stem
    for source in SOURCES
    if not any(mark.search(source.read_text()) for mark in (GOOSE_ONLY, NOT_IMITATED))
]


class Shared:
    """A booted machine for many tests, booted anew after one that ended or hung it."""

    def __init__(self, smp: int, folder: Path) -> None:
        self._options = Options(
            kernel=BUILD / "goose.elf",
            smp=smp,
            disks=[Disk(BUILD / "tests.img", mode="snapshot")],
            append="root=/dev/vda",
            folder=folder,
        )
        self._machine: Machine | None = None

    def run(self, command: str) -> Ran:
        try:
            if self._machine is None:
                self._machine = Machine(self._options).__enter__()
                self._machine.wait_prompt()
            return self._machine.run(command, TIME_LIMIT)
        except GuestError:
            self.close()
            raise

    def close(self) -> None:
        if self._machine:
            self._machine.__exit__(None, None, None)
            self._machine = None


@pytest.fixture(scope="module", params=[1, 2, 4], ids=lambda smp: f"smp{smp}")
def goose(
    request: pytest.FixtureRequest, build: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    shared = Shared(request.param, tmp_path_factory.mktemp("goose"))
    yield shared
    shared.close()


@pytest.mark.parametrize("name", NAMES)
def test_on_goose(goose: Shared, name: str) -> None:
    ran = goose.run(f"cd /tmp && {GUEST}/{name}")
    assert ran.status == 0, ran.output


@pytest.mark.parametrize("name", LINUX)
def test_on_linux(build: Path, tmp_path: Path, name: str) -> None:
    qemu = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")
    if not qemu:
        pytest.fail("qemu-riscv64 is missing: install the package qemu-user", pytrace=False)
    done = subprocess.run(
        # Whoever starts the tests in the background may have SIGINT or SIGHUP ignored, which programs inherit.
        ["env", "--default-signal", qemu, str(build / "user/tests" / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=scaled(TIME_LIMIT),
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 50


def test_each_says_what_it_proves() -> None:
    silent = [s.name for s in SOURCES if not s.read_text().startswith(("//", "/*"))]
    assert silent == []
