"""Builds that fail for no reason of the submission's: tried again, then a grader error, and never a zero.

What hits a limit of the jail is the submission's own doing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grading import confine
from grading.confine import run_make
from grading.errors import HostError
from grading.grader import build as builds
from grading.grader import one
from grading.grader.build import Bounds, build
from grading.grader.jail import Cell, Limits, choose_jail
from grading.grader.one import Job, grade_one
from grading.grader.overlay import Chosen, Keep
from grading.grader.pristine import Pristine
from grading.grader.result import Build, Status
from grading.outside import ended_from_outside
from grading.symbols import CROSS
from grading.tests.test_jail import WORK
from labs.course import ROOT

DRIVER = "riscv64-linux-gnu-g++: fatal error: {} signal terminated program cc1plus\ncompilation terminated.\n"
CRASH = "riscv64-linux-gnu-g++: internal compiler error: {} signal terminated program {}\n"
COMPILE = f"{CROSS}g++ -fconstexpr-ops-limit=99999999999 -fconstexpr-loop-limit=2000000000 -ftemplate-depth=1000000 -c"
# Compilers that take long, that take much memory, that write much.
SLOW = """constexpr long long w(int n) {
    long long r = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3000; j++) r += i ^ j;
    return r;
}
constexpr long long q = w(100000);
"""
DEEP = "template<int N> struct B { static constexpr int v = B<N + 1>::v; };\nint x = B<0>::v;\n"
BIG = "char big[3000000000u] = {1};\n"


@pytest.mark.parametrize(
    "status, log, how",
    [
        (-9, "CXX a.o", "make was ended by SIGKILL"),
        (137, "", "make was ended by SIGKILL"),  # as bubblewrap says it
        (143, "make: *** [Makefile:2: x.o] Terminated\n", "make was ended by SIGTERM"),
        (2, DRIVER.format("Killed") + "make: *** [Makefile:2: x.o] Error 1\n", DRIVER.format("Killed").split("\n")[0]),
        (2, DRIVER.format("Terminated") + "make: *** [Makefile:2: x.o] Error 1\n", "Terminated signal"),
        (2, "make: *** [Makefile:2: x.o] Killed\n", "make: *** [Makefile:2: x.o] Killed"),
        (2, "Killed\nmake[1]: *** [Makefile:8: sh.o] Error 137\n", "Error 137"),
        (2, "collect2: fatal error: ld terminated with signal 9 [Killed]\n", "ld terminated with signal 9"),
        # The submission's own doing.
        (0, "make: *** [x] Killed\n", ""),
        (2, "a.cc:1:2: error: no\nmake: *** [Makefile:2: a.o] Error 1\n", ""),
        (2, f"a.cc:1:2: error: no\n{DRIVER.format('Killed')}make: *** [Makefile:2: x.o] Error 1\n", ""),
        (2, 'a.cc:1:2: error: #error "make: *** [x] Killed"\n', ""),
        (2, "a.cc:1: note:\nmake: *** [x] Killed\nriscv64-linux-gnu-ld: a.o: undefined reference to `f'\n", ""),
        (2, CRASH.format("CPU time limit exceeded", "cc1plus") + "make: *** [Makefile:2: x.o] Error 4\n", ""),
        (2, CRASH.format("File size limit exceeded", "as") + "make: *** [Makefile:2: x.o] Error 4\n", ""),
        (2, CRASH.format("Segmentation fault", "cc1plus") + "make: *** [Makefile:2: x.o] Error 4\n", ""),
        (2, "cc1plus: out of memory allocating 65536 bytes\nmake: *** [Makefile:2: x.o] Error 1\n", ""),
    ],
)
def test_who_ended_a_build_is_told_by_status_and_log(status: int, log: str, how: str) -> None:
    said = ended_from_outside(status, log)
    assert how in said and bool(said) == bool(how)


Try = Callable[..., tuple[Build, list[str]]]


@pytest.fixture
def attempt(tmp_path: Path) -> Iterator[Try]:
    """attempt(recipe, code, limits) builds x.cc by a makefile's recipe, in a real jail."""
    with Cell(choose_jail(), WORK) as cell:

        def run(recipe: str, code: str = "", limits: Limits = Limits(), bounds: Bounds = Bounds()) -> tuple[Build, list[str]]:
            source = tmp_path / "source"
            (source / "build").mkdir(parents=True, exist_ok=True)
            (source / "Makefile").write_text(f"grade-build:\n\t@{recipe}\n")
            (source / "x.cc").write_text(code)
            pristine = Pristine(source, source, Keep(frozenset(), ()), ())
            return build(cell, cell.jail(build=limits), pristine, Chosen(), 1, bounds, 1.0)

        yield run


def kill_soon(name: bytes, mark: str, number: signal.Signals) -> threading.Thread:
    """Kills, from outside, the process that has both in its command line."""

    def look() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes()
                except OSError:
                    continue
                if line.split(b"\0")[0].endswith(name) and mark.encode() in line:
                    os.kill(int(path.parent.name), number)
                    return
            time.sleep(0.05)

    thread = threading.Thread(target=look)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("name", [b"cc1plus", b"g++"])
def test_a_compiler_killed_from_outside_is_the_graders_fault(attempt: Try, name: bytes, number: signal.Signals) -> None:
    mark = f"MARK={os.getpid()}{number}"
    killer = kill_soon(name, mark, number)
    with pytest.raises(HostError, match="the build was ended from outside: .*(Killed|Terminated)"):
        attempt(f"{COMPILE} -D{mark} x.cc -o build/x.o", SLOW, Limits(cpu=30))
    killer.join()


def test_a_build_that_does_not_say_why_it_failed_is_the_graders_fault(attempt: Try) -> None:
    with pytest.raises(HostError, match=r"failed \(status 2\) and does not say why: half a line"):
        attempt("printf 'half a line\\n'; exit 3")


def test_a_full_disk_of_this_machine_is_the_graders_fault(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = "echo 'x.s: No space left on device'; exit 1"
    made, notes = attempt(recipe)
    assert not made.built and "wrote more than it may" in notes[0]
    usage = shutil.disk_usage(WORK)
    monkeypatch.setattr(builds.shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    with pytest.raises(HostError, match="the disk that holds .* is full: it has 1 MiB"):
        attempt(recipe)


@pytest.mark.parametrize(
    "code, limits, log, note",
    [
        (SLOW, Limits(cpu=1), "CPU time limit exceeded signal", "a compiler was ended by the limits"),
        (DEEP, Limits(memory=400 << 20), "Segmentation fault|out of memory|exhausted|bad_alloc", ""),
        (BIG, Limits(file=4 << 20), "File size limit exceeded|File too large", "the build wrote more than it may"),
        ("int f() { return y; }\n", Limits(), "error: 'y' was not declared", ""),
    ],
    ids=["time", "memory", "file", "code"],
)
def test_a_compiler_that_hits_a_limit_is_the_submissions_doing(
    attempt: Try, code: str, limits: Limits, log: str, note: str
) -> None:
    made, notes = attempt(f"{COMPILE} x.cc -o build/x.o", code, limits)
    assert not made.built and re.search(log, made.log.replace("‘", "'").replace("’", "'")), made.log
    assert note in " ".join(notes)


def test_a_build_that_takes_too_long_is_the_submissions_doing(attempt: Try) -> None:
    made, notes = attempt("sleep 60", bounds=Bounds(seconds=0.5))
    assert not made.built and notes == ["the build was ended: it was not done after 1 s"]


def test_an_undefined_name_is_the_submissions_doing(attempt: Try) -> None:
    made, _ = attempt(f"{COMPILE} x.cc -o build/x.o && {CROSS}ld build/x.o -o build/x", "void f(); void _start() { f(); }\n")
    assert not made.built and "undefined reference" in made.log


@pytest.mark.parametrize("kills, status", [(1, Status.NOT_BUILT), (99, Status.ERROR)])
def test_a_killed_build_is_tried_again_and_then_a_grader_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int, status: Status
) -> None:
    left = [kills]

    def killed(*_: object) -> tuple[Build, list[str]]:
        left[0] -= 1
        if left[0] >= 0:
            raise HostError("the build was ended from outside: make was ended by SIGKILL")
        return Build(False, 1.0, "x.cc:1:1: error: no"), []

    monkeypatch.setattr(one, "build", killed)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "labs").mkdir()
    (tmp_path / "ada" / "answers.md").write_text("\n")
    pristine = Pristine(tmp_path, tmp_path, Keep(frozenset({"answers.md"}), ()), ())
    monkeypatch.setattr(one, "prepare", lambda *_: pristine)
    result = grade_one(Job(ROOT, "boot", tmp_path / "ada", "ada", b"secret", WORK, time_scale=2.0))
    assert (result.status, result.attempts) == (status, min(kills + 1, one.ATTEMPTS))
    assert result.has_errors == (status is Status.ERROR)
    if result.has_errors:
        assert "the build was ended from outside: make was ended by SIGKILL" in result.notes[-1]


def test_a_make_of_a_test_that_is_killed_is_no_fault_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(confine.VARIABLE, raising=False)
    (tmp_path / "Makefile").write_text("dies:\n\t@kill -KILL $$$$\nfails:\n\t@echo 'x.cc:1:1: error: no'; exit 1\n")
    with pytest.raises(HostError, match="a build was ended from outside: make: .* Killed"):
        run_make(tmp_path, tmp_path, "dies")
    assert run_make(tmp_path, tmp_path, "fails").returncode == 2
