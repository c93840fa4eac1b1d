"""Shows that verdicts are steady: python3 -m labs steady [LAB …] (make steady).

The reference of each lab is built once; then the tests that the grader runs, its own inputs included,
run again and again, each time with other seeds, if wanted beside processes that keep the machine
busy. Every verdict but a pass is a fault of the tests, of the frame or of the kernel.

A battery can be continued: runs that the file OUT has of this commit, with as much load, count.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from queue import Queue

from grading.grader import warden
from grading.grader.pristine import PYTHON, clean_environment
from grading.timing import scale
from labs.course import CourseError, Lab
from labs.parts import Form
from labs.report import Outcome
from labs.verify import MARKS, Bench

SCHEMA = 1
BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    for _ in range(1000000): pass"


@dataclass(frozen=True)
class Change:
    """A verdict that is no pass."""

    test: str
    verdict: str
    text: str
    waited: bool = False  # a wait ran out, after which the grader asks again
    kept: str = ""  # the test's files


@dataclass(frozen=True)
class Run:
    """One run of a lab's tests. `marks` has a letter for each test, in the order of their names."""

    commit: str
    lab: str
    load: int
    seed: str
    seconds: float
    tests: str  # a digest of their names
    marks: str
    changes: tuple[Change, ...] = ()


@dataclass
class Record:
    """The runs so far, in a file if there is one."""

    path: Path | None
    runs: list[Run] = field(default_factory=list)

    @staticmethod
    def read(path: Path | None) -> Record:
        if path is None or not path.exists():
            return Record(path)
        try:
            document = json.loads(path.read_text())
            if document["schema"] != SCHEMA:
                raise ValueError(f"its schema is {document['schema']}")
            rows = [row | {"changes": tuple(Change(**c) for c in row["changes"])} for row in document["runs"]]
            return Record(path, [Run(**row) for row in rows])
        except (ValueError, KeyError, TypeError) as error:
            raise CourseError(f"{path} holds no runs of `make steady` ({error}): name another file") from None

    def add(self, run: Run) -> None:
        self.runs.append(run)
        if self.path:
            temporary = self.path.with_name(f".{self.path.name}.new")
            rows = ",\n".join(json.dumps(asdict(run)) for run in self.runs)
            temporary.write_text(f'{{"schema": {SCHEMA}, "runs": [\n{rows}\n]}}\n')
            temporary.replace(self.path)


def commit_of(root: Path) -> str:
    """What is tested: the commit, and a digest of what differs from it."""

    def git(*words: str) -> bytes:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True)
        if done.returncode:
            raise CourseError(f"{root}: git {words[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    commit, difference = git("rev-parse", "--short=12", "HEAD").decode().strip(), git("diff", "HEAD")
    return f"{commit}+{hashlib.sha256(difference).hexdigest()[:8]}" if difference else commit


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Meanwhile so many processes do nothing, as fast as they can. They end with this one."""
    words = [sys.executable, "-I", "-S", "-c", BUSY, str(os.getpid())]
    processes = [subprocess.Popen(words) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


class Battery:
    """The runs of one lab in `folder`: a tree, and for each of `jobs` runs at a time a build of its own."""

    def __init__(self, root: Path, lab: Lab, folder: Path, jobs: int) -> None:
        self.lab, self.folder = lab, folder
        self.tree = folder / "tree"
        if wrong := Bench(root, lab, self.tree).build(Form.SOLUTION):
            raise CourseError(f"the reference of {lab.name} {wrong}")
        self.places: Queue[Path] = Queue()
        for number in range(jobs):
            place = folder / f"build{number}"
            shutil.rmtree(place, ignore_errors=True)
            subprocess.run(["cp", "-a", "--reflink=auto", str(self.tree / "build"), str(place)], check=True)
            self.places.put(place)

    def run(self, seed: str) -> tuple[float, list[Outcome]]:
        """Runs all tests once; the seconds that took, and what became of them."""
        place = self.places.get()
        try:
            return self._run(place, seed)
        finally:
            self.places.put(place)

    def _run(self, place: Path, seed: str) -> tuple[float, list[Outcome]]:
        report = place / "grade.json"
        report.unlink(missing_ok=True)
        command = [PYTHON, "-m", "pytest", "-c", "labs/grade.ini", "--rootdir", ".", "-p", "no:cacheprovider"]
        command += ["-p", "no:xdist", "--variants", "--grade-json", str(report), f"labs/{self.lab.folder}/tests"]
        command += [f"labs/{e.test}" for e in self.lab.earlier]
        environment = clean_environment() | {
            "PYTHONPATH": str(self.tree), "GOOSE_BUILD": str(place), "GOOSE_SEED": seed,
            "GOOSE_TIME_SCALE": f"{scale():.3f}",
        }  # fmt: skip
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the tree is ours: compile its Python once
        started = time.monotonic()
        done = subprocess.run(
            warden.words(command), cwd=self.tree, env=environment, stdin=self._life, capture_output=True, text=True
        )
        seconds = time.monotonic() - started
        if not report.exists():
            raise CourseError(f"the tests of {self.lab.name} do not run:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
        outcomes = [Outcome(**test) for test in json.loads(report.read_text())["tests"]]
        if any(o.verdict != "pass" for o in outcomes) and (place / "failures").exists():
            kept = self.folder / "kept" / seed
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(exist_ok=True)
            shutil.move(place / "failures", kept)
        return seconds, sorted(outcomes, key=lambda o: o.id)

    def __enter__(self) -> Battery:
        self._life, self._end = os.pipe()  # the wardens end when we do
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._end)
        os.close(self._life)


def _as_run(commit: str, lab: Lab, load: int, seed: str, seconds: float, outcomes: Sequence[Outcome], kept: Path) -> Run:
    changes = tuple(
        Change(o.id, o.verdict, o.text, o.waited, str(kept) if kept.exists() else "")
        for o in outcomes if o.verdict != "pass"
    )  # fmt: skip
    digest = hashlib.sha256("\n".join(o.id for o in outcomes).encode()).hexdigest()[:12]
    marks = "".join(MARKS[o.verdict] for o in outcomes)
    return Run(commit, lab.name, load, seed, round(seconds, 2), digest, marks, changes)


def _tell(run: Run, say: Callable[[str], object]) -> None:
    for change in run.changes:
        waited = ", a wait ran out" if change.waited else ""
        say(f"  seed {run.seed}: {change.verdict}{waited}: {change.test}")
        for line in change.text.splitlines()[:30]:
            say(f"      {line}")
        if change.kept:
            say(f"      files: {change.kept}")


def _close(lab: Lab, runs: Sequence[Run], say: Callable[[str], object]) -> int:
    """Prints what the lab's runs came to; returns the number of its faults."""
    changed = sum(len(run.changes) for run in runs)
    lists = {run.tests for run in runs}
    seconds = sorted(run.seconds for run in runs)
    say(
        f"  {len(runs)} runs of {len(runs[0].marks)} tests, {changed} changed verdicts; a run took "
        f"{seconds[len(seconds) // 2]:.1f} s (at least {seconds[0]:.1f}, at most {seconds[-1]:.1f})"
    )
    if len(lists) > 1:
        say(f"  the runs had not the same tests: {len(lists)} different lists of them")
    return changed + len(lists) - 1


def steady(
    root: Path, labs: Sequence[Lab], folder: Path, times: int, load: int, jobs: int, out: Path | None,
    say: Callable[[str], object] = partial(print, flush=True),
) -> int:  # fmt: skip
    """Brings each lab to `times` runs; returns the number of faults, those of earlier pieces included."""
    record, commit, faults = Record.read(out), commit_of(root), 0
    for lab in labs:
        known = [r for r in record.runs if (r.commit, r.lab, r.load) == (commit, lab.name, load)]
        seeds = [f"{commit}.{load}.{number}" for number in range(1, times + 1)]
        left = [seed for seed in seeds if seed not in {r.seed for r in known}]
        say(f"Lab {lab.number}: {lab.title}: {len(known)} runs known, {len(left)} to do")
        for run in known:
            _tell(run, say)
        if left:
            known += _runs(root, lab, folder, left, commit, load, jobs, record, say)
        faults += _close(lab, known, say) if known else 0
    say(f"steady: {len(labs)} labs at {commit}, load {load}: {faults} faults")
    return faults


def _runs(
    root: Path, lab: Lab, folder: Path, seeds: Sequence[str], commit: str, load: int, jobs: int, record: Record,
    say: Callable[[str], object],
) -> Iterator[Run]:  # fmt: skip
    with Battery(root, lab, folder / lab.folder, jobs) as battery, busy(load), ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(battery.run, seed): seed for seed in seeds}
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                seconds, outcomes = future.result()
                seed = futures[future]
                run = _as_run(commit, lab, load, seed, seconds, outcomes, battery.folder / "kept" / seed)
                record.add(run)
                _tell(run, say)
                if number % 10 == 0:
                    say(f"  {number} of {len(seeds)} runs, the last in {seconds:.1f} s")
                yield run
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
