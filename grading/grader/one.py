"""One submission of one lab, from its bytes to its result.

    result = grade_one(Job(root=ROOT, lab="paging", submission=Path("doe.tar.gz"), student="doe",
                           secret=b"…", work=Path("work")))

Never raises for anything that a submission is or does: what cannot be graded is a result that says
so. Faults of ours are tried again from a fresh start, and stay errors, which are never zeroes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from grading.errors import HostError
from grading.grader.build import Bounds, build, keep_run
from grading.grader.intake import Unreadable, read_guarded
from grading.grader.jail import BUILD, SAYS, Cell, JailError, check_hidden, choose_jail
from grading.grader.outcomes import again, gather, read_outcomes
from grading.grader.overlay import Chosen, choose
from grading.grader.pristine import PYTHON, Planned, Pristine, PristineError, clean_environment, prepare, tool_versions
from grading.grader.result import Answer, Result, Status, Test, Verdict
from grading.timing import PATIENCE, calibrate, scale
from labs.course import CourseError, Lab, find_lab
from labs.report import Outcome

ATTEMPTS = 3  # of what fails by a fault of ours
SLOWEST = 40.0  # a machine that much slower than the reference grades nobody
MEMORY = 6 << 30  # bytes of address space of the process that runs the tests
NO_PASS = (Verdict.ERROR, "the test did not run to its end")


@dataclass(frozen=True)
class Job:
    """What to grade, and how. Can be pickled. Paths may be relative."""

    root: Path  # the whole course's tree
    lab: str  # a lab's name
    submission: Path  # an archive, a folder, a checkout
    student: str  # the roster's key
    secret: bytes  # the class's: seeds come from it
    work: Path  # for the cache and for submissions while they are graded; may be shared by many jobs
    name: str = ""  # the student's name
    shown: str = ""  # the submission as the report names it; the path if ""
    jail: str = "auto"  # auto, bubblewrap, user, none
    time_scale: float | None = None  # factor on time limits; None: measured once in this process
    jobs: int = 1  # processes of one build, and tests at the same time
    variants: bool = True  # with the grader's own inputs
    unsolved: bool = False  # parts of earlier labs are stubs in this class's handouts
    tests: tuple[str, ...] = ()  # only these, by Test.name; all if none
    seed: str = ""  # instead of the one that follows from secret and content
    result: str = "RESULT.json"  # where the result will stand, for the commands that run a test again
    keep: Path | None = None  # where the run's files (kernel, disks, consoles) are moved to; gone if None
    bounds: Bounds = field(default_factory=Bounds)
    seconds: float = 900.0  # for all tests of a lab together, on an unloaded machine


@dataclass
class Clock:
    """Seconds of each part of a job."""

    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.parts[part] = round(self.parts.get(part, 0.0) + time.monotonic() - started, 2)


def seed_of(job: Job, content: str) -> str:
    """The submission's own seed: another submission, other inputs; the same again, the same."""
    if job.seed:
        return job.seed
    return hmac.new(job.secret, f"{content} {job.lab}".encode(), hashlib.sha256).hexdigest()[:32]


def grade_one(job: Job) -> Result:
    """Grades one submission."""
    clock, started = Clock(), time.monotonic()
    result = Result(
        lab=job.lab, lab_number=-1, lab_title="", student=job.student, name=job.name,
        submission=job.shown or str(job.submission),
    )  # fmt: skip
    try:
        lab = find_lab(job.lab, job.root)
        result = replace(result, lab=lab.name, lab_number=lab.number, lab_title=lab.title)
        for attempt in range(1, ATTEMPTS + 1):
            result = replace(result, attempts=attempt)
            try:
                result = _grade(replace(job, lab=lab.name), lab, result, clock)
                break
            except (OSError, HostError, subprocess.SubprocessError) as error:
                if attempt == ATTEMPTS:
                    raise
                clock.parts.clear()
                # Not a note: a result says the same however often it was tried.
                result = replace(result, machine={f"attempt {attempt}": _said(error)})
    except (CourseError, PristineError, JailError) as error:
        result = replace(result, status=Status.ERROR, notes=(f"the grader cannot grade: {error}",))
    except Exception as error:  # one submission never stops the others
        result = replace(result, status=Status.ERROR, notes=(*result.notes, f"grader error: {_said(error)}"))
    clock.parts["all"] = round(time.monotonic() - started, 2)
    graded = datetime.now(timezone.utc).astimezone().isoformat(timespec="seconds")
    return replace(result, seconds=clock.parts, graded=graded)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _grade(job: Job, lab: Lab, result: Result, clock: Clock) -> Result:
    with clock.time("pristine"):
        pristine = prepare(job.root.absolute(), lab, job.work.absolute() / "cache", job.unsolved)
        factor = job.time_scale or scale()
    machine = tool_versions() | {"time scale": f"{factor:.1f}"} | result.machine
    result = replace(result, machine=machine, tests=_no_points(job, pristine, *NO_PASS))
    try:
        with clock.time("unpack"):
            chosen = choose(read_guarded(job.submission.absolute()), pristine.keep, pristine.files())
    except Unreadable as error:
        tests = _no_points(job, pristine, Verdict.FAIL, "not run: nothing could be taken of the submission")
        notes = (*result.notes, f"not graded: {error}")
        return replace(result, status=Status.REJECTED, tests=tests, notes=notes)
    seed = seed_of(job, chosen.content)
    answers = tuple(Answer(question, text) for question, text in chosen.answers.items())
    result = replace(
        result, content=chosen.content, seed=seed, taken=tuple(sorted(chosen.files)), answers=answers,
        notes=(*result.notes, *chosen.notes),
    )  # fmt: skip
    if factor > SLOWEST:
        note = f"this machine is {factor / PATIENCE:.0f} times slower than the reference: too slow to grade on"
        return replace(result, status=Status.ERROR, notes=(*result.notes, note))
    kind = choose_jail(job.jail)
    check_hidden(job.root, job.work)
    with Cell(kind, job.work) as cell:
        says = SAYS[kind] + (", a user of its own" if cell.user is not None else "")
        result = replace(result, jail=says)
        return _build_and_test(job, lab, result, clock, cell, pristine, chosen, factor)


def _build_and_test(
    job: Job, lab: Lab, result: Result, clock: Clock, cell: Cell, pristine: Pristine, chosen: Chosen, factor: float
) -> Result:
    jail = cell.jail(build=replace(BUILD, cpu=job.bounds.cpu))
    with clock.time("build"):
        built, notes = build(cell, jail, pristine, chosen, job.jobs, job.bounds, factor)
    result = replace(result, build=built, notes=(*result.notes, *notes))
    if not built.built:
        tests = _no_points(job, pristine, Verdict.FAIL, "not run: the submission could not be built")
        return replace(result, status=Status.NOT_BUILT, tests=tests)
    (cell.run / "answers.md").write_text(chosen.answers_text)
    jail.write(cell.private / "jail.json")
    with clock.time("tests"):
        run = Run(job, cell, pristine, result.seed, factor)
        tests, notes = run.all()
    clock.parts["boot"] = round(run.boot, 2)
    if job.keep:
        keep_run(cell, job.keep)
    status = Status.ERROR if any(t.verdict is Verdict.ERROR for t in tests) else Status.GRADED
    return replace(
        result, tests=tests, status=status, notes=(*result.notes, *notes), attempts=max(result.attempts, run.runs)
    )


def _no_points(job: Job, pristine: Pristine, verdict: Verdict, why: str) -> tuple[Test, ...]:
    """The lab's tests where none could be run."""
    return gather([p for p in pristine.plan if _wanted(p, job)], {}, (verdict, why))


def _wanted(planned: Planned, job: Job) -> bool:
    return (not job.tests or planned.test in job.tests) and (job.variants or planned.kind != "variant")


class Run:
    """The lab's tests on one built submission, again where that is due."""

    def __init__(self, job: Job, cell: Cell, pristine: Pristine, seed: str, factor: float) -> None:
        self.job, self.cell, self.pristine, self.seed, self.factor = job, cell, pristine, seed, factor
        self.plan = [p for p in pristine.plan if _wanted(p, job)]
        self.runs, self.boot = 0, 0.0
        self.deadline = time.monotonic() + job.seconds * factor / PATIENCE

    def all(self) -> tuple[tuple[Test, ...], list[str]]:
        """Every test's outcome, and notes."""
        outcomes = self._pytest([p.id for p in self.plan], self.factor)
        notes: list[str] = []
        _, waited = again(self.plan, outcomes)
        if waited and not self._late():
            # A wait that ran out says as much about this machine as about the guest: ask both again.
            factor = min(max(self.factor, calibrate() * PATIENCE) * 1.5, self.factor * 4)
            outcomes |= self._pytest(waited, factor)
        for _ in range(ATTEMPTS - 1):
            errors, _ = again(self.plan, outcomes)
            if not errors or self._late():
                break
            outcomes |= self._pytest(errors, self.factor)
        missing = NO_PASS
        if self._late() and any(p.id not in outcomes for p in self.plan):
            missing = (Verdict.TIMEOUT, f"the tests before it took {self.job.seconds * self.factor:.0f} s together")
            notes.append("the tests were ended: together they took longer than a whole lab may")
        tests = gather(self.plan, outcomes, missing)
        return tuple(self._own(test) for test in tests), notes

    def _own(self, test: Test) -> Test:
        """The test with its command, and without the paths of this run."""
        text, hint, console = map(self.cell.shown, (test.text, test.hint, test.console))
        return replace(test, text=text, hint=hint, console=console, reproduce=self._reproduce(test))

    def _late(self) -> bool:
        return time.monotonic() > self.deadline

    def _reproduce(self, test: Test) -> str:
        return f"goose-grade reproduce {shlex.quote(self.job.result)} {shlex.quote(test.name)}"

    def _pytest(self, nodes: Sequence[str], factor: float) -> dict[str, Outcome]:
        """Runs some tests, outside of the jail, from the pristine tree."""
        self.runs += 1
        report = self.cell.private / f"grade{self.runs}.json"
        # The tests end with the grader, even if it is killed; and a guest may give them more to look at
        # than this machine has room for.
        command = ["setpriv", "--pdeathsig", "KILL"]
        command += ["prlimit", f"--as={MEMORY}:"] if shutil.which("prlimit") else []
        command += [PYTHON, "-m", "pytest", "-c", "labs/grade.ini", "--rootdir", ".", "-p", "no:cacheprovider"]
        command += ["-n", str(self.job.jobs)] if self.job.jobs > 1 and len(nodes) > 1 else []
        command += ["--variants", "--grade-json", str(report), *nodes]
        environment = clean_environment() | {
            "PYTHONPATH": str(self.pristine.tests), "PYTHONDONTWRITEBYTECODE": "1",
            "GOOSE_BUILD": str(self.cell.run), "GOOSE_SEED": self.seed,
            "GOOSE_JAIL": str(self.cell.private / "jail.json"), "GOOSE_TIME_SCALE": f"{factor:.3f}",
            "TMPDIR": str(self.cell.run / "tmp"),
        }  # fmt: skip
        log = (self.cell.private / "pytest.log").open("ab")
        with log, subprocess.Popen(
            command, cwd=self.pristine.tests, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                process.wait(max(1.0, self.deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                with_grace(process)
            finally:
                end_group(process)
        self.cell.sweep()
        outcomes = {id: outcome for id, outcome in read_outcomes(report).items() if id in set(nodes)}
        self.boot += sum(outcome.boot for outcome in outcomes.values())
        return outcomes


def with_grace(process: subprocess.Popen[bytes]) -> None:
    """Gives pytest a moment to write what it has."""
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        pass


def end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
