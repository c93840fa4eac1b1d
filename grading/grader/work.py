"""Grades one submission in a process of its own, whatever becomes of that process.

    graded = run_apart(order)           # never raises for anything that a submission can do

A batch calls it in threads, a Dask cluster on its workers: `python3 -m grading work FOLDER` is the
process. A warden (warden.py) ends it, and all that it started, with its batch. If it dies, or finds a
fault of the grader's, it is tried again; then the result says so, and nobody has lost points.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path

from grading.grader import fitness, warden
from grading.grader.parcel import Parcel
from grading.grader.result import Result, ResultError, Status, read, write
from grading.grader.versions import grader_version, lab_version, tool_versions

TRIES = 3
MEASURING = threading.Lock()
LIMIT = 1800.0  # seconds of the reference machine after which even the grader is taken for dead
ENTRY = "grading.grader.work:grade"  # Order -> Result


class WrongTools(Exception):
    """This machine would grade otherwise than the one that asks. The message names what differs."""


class NotFit(Exception):
    """This machine is too slow or too busy; the message says so."""


@dataclass(frozen=True)
class Order:
    """What to grade. `scale` 0: limits as this machine's speed demands.

    `parcel` holds the submission where `path` is of another machine; `tools` is what the
    machine that asks has, {} if it is this one.
    """

    root: Path
    lab: str
    student: str
    path: Path
    name: str  # the submission, as results call it
    secret: str
    work: Path  # a folder of this machine that outlives orders: the core's cache, and its cells
    scale: float = 0.0
    jail: str = "auto"
    unsolved: bool = False  # parts of earlier labs are stubs in this class's handouts
    tests: tuple[str, ...] = ()  # only these; all if none
    seed: str = ""  # instead of the one that follows from secret and content
    keep: Path | None = None  # a folder for the run's files; gone if None
    result: str = ""  # where it will stand, for the commands that run a test again; the batch's place if ""
    parcel: Parcel | None = None
    tools: dict[str, str] = field(default_factory=dict)
    entry: str = ENTRY


@dataclass(frozen=True)
class Graded:
    """The result, and where it came about."""

    result: Result
    host: str = ""
    said: str = ""  # what the last process that died had printed


def signature(root: Path, lab: str) -> dict[str, str]:
    """What two machines must have in common to grade the lab alike."""
    return tool_versions() | {"grader": grader_version(root), f"lab {lab}": lab_version(root, lab)}


def check_tools(root: Path, lab: str, wanted: dict[str, str]) -> None:
    """WrongTools unless this machine has what is `wanted`."""
    here = signature(root, lab)
    wrong = [f"{name} is {here.get(name)}, not {wanted[name]}" for name in wanted if here.get(name) != wanted[name]]
    if wrong:
        raise WrongTools(f"{os.uname().nodename}: {'; '.join(wrong)}")


@cache
def _own_fitness(jobs: int) -> fitness.Fitness:
    return fitness.measure(jobs)


def own_scale(jobs: int) -> float:
    """This machine's factor for limits, measured once, while its other threads wait."""
    with MEASURING:
        fit = _own_fitness(jobs)
    if fit.complaint:
        raise NotFit(f"{os.uname().nodename}: {fit.complaint}")
    return fit.scale


def _command(folder: Path) -> list[str]:
    words = [sys.executable, "-B", "-m", "grading", "work", str(folder)]
    # For the day on which it is the warden that the system kills.
    words = ["setpriv", "--pdeathsig", "KILL", *words] if shutil.which("setpriv") else words
    return warden.words(words)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _run(order: Order, folder: Path) -> tuple[Result | None, str]:
    """One process for the order; without a result, how it ended."""
    (folder / "order.pickle").write_bytes(pickle.dumps(order))
    (folder / "result.json").unlink(missing_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE_"))}
    environment["PYTHONPATH"] = str(order.root)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _command(folder), cwd=order.root, env=environment, stdin=subprocess.PIPE,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(LIMIT * max(1.0, order.scale))
            ended = f"with status {process.returncode}"
            if killed := max(-process.returncode, process.returncode - 128, 0):
                ended = f"by {_signal(killed)}"
        except subprocess.TimeoutExpired:
            ended = f"not within {LIMIT * max(1.0, order.scale):.0f} s"
        finally:
            assert process.stdin
            process.stdin.close()  # on which the warden ends what there is
            process.wait()
    try:
        return read(folder / "result.json"), ""
    except ResultError:
        tail = (folder / "log").read_bytes()[-2000:].decode(errors="replace").strip()
        return None, f"the grader's process ended {ended}\n{tail}".strip()


def failure(order: Order, said: str) -> Result:
    """The result of a submission that the grader could not deal with."""
    from labs.course import find_lab

    lab = find_lab(order.lab, order.root)
    first = said.split("\n")[0] if said else "the grader's process ended without a result"
    return Result(
        lab.name, lab.number, lab.title, order.student, submission=order.name, status=Status.ERROR,
        notes=(f"grader error: {first}",), graded=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def run_apart(order: Order, slots: int = 1) -> Graded:
    """Grades, in at most TRIES tries. `slots`: how many of these run here at once.

    WrongTools and NotFit, before anything is graded, are this machine's fault.
    """
    if order.tools:
        check_tools(order.root, order.lab, order.tools)
    order = replace(order, scale=order.scale or own_scale(slots))
    orders = order.work / "orders"
    orders.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=orders))
    best: Result | None = None
    said, started = "", time.monotonic()
    try:
        if order.parcel:
            place = folder / "submission"
            place.mkdir()
            order = replace(order, path=order.parcel.unpack(place), parcel=None)
        for attempt in range(1, TRIES + 1):
            result, ended = _run(order, folder)
            if result is None:
                said = ended
                continue
            best = replace(result, attempts=max(attempt, result.attempts), submission=order.name)
            if not result.has_errors:
                break
        result = best or replace(failure(order, said), attempts=TRIES)
        seconds = result.seconds | {"all": round(time.monotonic() - started, 2)}
        return Graded(replace(result, seconds=seconds), os.uname().nodename, said)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(work: Path) -> None:
    """Removes what orders left whose process was killed; the core sees to its own part."""
    shutil.rmtree(work / "orders", ignore_errors=True)


def grade(order: Order) -> Result:
    """Hands the order to the core."""
    from grading.grader.one import Job, grade_one

    return grade_one(Job(
        root=order.root, lab=order.lab, submission=order.path, student=order.student,
        secret=order.secret.encode(), work=order.work, shown=order.name, jail=order.jail,
        time_scale=order.scale, unsolved=order.unsolved, tests=order.tests, seed=order.seed, keep=order.keep,
        result=order.result or f"results/{order.lab}/{order.student}.json",
    ))  # fmt: skip


def main(folder: Path) -> int:
    """The process: reads the order, grades, writes the result."""
    order: Order = pickle.loads((folder / "order.pickle").read_bytes())  # noqa: S301  (our own)
    module, name = order.entry.split(":")
    os.environ["GOOSE_TIME_SCALE"] = f"{order.scale:g}"
    result = getattr(import_module(module), name)(order)
    write(result, folder / "result.json")
    return 0
