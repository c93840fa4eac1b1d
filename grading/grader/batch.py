"""A class: every submission graded once, and what counts written out.

    Batch(root, store, terms, plan, settings).run()

A result is written as soon as it is there. Started again, after whatever stopped it, a batch
grades what has no result yet, or one with a fault of the grader's in it, and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from grading.grader import fitness
from grading.grader.cluster import ClusterPool
from grading.grader.plan import Plan, Task
from grading.grader.pool import LocalPool, Pool, PoolLost
from grading.grader.progress import Progress, number, progress
from grading.grader.result import Result, Status
from grading.grader.roster import ClassError
from grading.grader.store import Store
from grading.grader.terms import Terms
from grading.grader.versions import grader_version, tool_versions
from grading.grader.work import ENTRY, Graded, NotFit, Order, clear


@dataclass(frozen=True)
class Settings:
    """How to grade. `only` are students; `scale` 0: measured."""

    jobs: int = 0
    cluster: str = ""
    again: bool = False  # also what has a result
    errors: bool = False  # only what has a result with a fault of the grader's
    only: Collection[str] = ()
    scale: float = 0.0
    jail: str = "auto"
    entry: str = ENTRY


@dataclass
class Summary:
    """What a run of a batch did."""

    graded: int = 0
    reused: int = 0
    errors: int = 0
    seconds: float = 0.0
    busy: float = 0.0  # part of this machine's processors that was busy
    stopped: str = ""
    results: list[Result] = field(default_factory=list)

    @property
    def per_minute(self) -> float:
        return self.graded / self.seconds * 60 if self.seconds else 0.0


class Batch:
    """See above."""

    def __init__(self, root: Path, store: Store, terms: Terms, plan: Plan, settings: Settings) -> None:
        self.root, self.store, self.terms, self.plan = root, store, terms, plan
        self.settings = replace(settings, jobs=settings.jobs or fitness.fitting_jobs())
        self.secret = store.secret(terms)
        self.submissions = plan.folder
        self.fit: dict[str, str] = {}

    def waiting(self) -> list[Task]:
        """What this run has to grade."""
        only = set(self.settings.only)
        if strangers := only - {task.student for task in self.plan.tasks}:
            raise ClassError(f"no submission is of {', '.join(sorted(strangers))}")
        return [task for task in self.plan.tasks if (not only or task.student in only) and self._waits(task)]

    def _waits(self, task: Task) -> bool:
        known = self.store.load(task)
        if self.settings.errors:
            return known is not None and known.has_errors
        return self.settings.again or known is None or known.has_errors

    def run(self) -> Summary:
        """Grades. What cannot be graded now is a ClassError, or stands in `stopped`."""
        self.store.save_plan(self.plan)
        clear(self.store.work)
        tasks = self.waiting()
        reused = len(self.plan.tasks) - len(tasks)
        summary = Summary(reused=reused)
        with ExitStack() as stack:
            show = stack.enter_context(progress(len(tasks), reused, self.store.out / "batch.log"))
            show.say(
                f"{len(self.plan.tasks)} submissions of {', '.join(self.plan.labs)}: {len(tasks)} to grade, "
                f"{reused} left as they are"
            )
            for sentence in self.plan.left_out:
                show.say(f"left out: {sentence}")
            if tasks:
                scale = self._scale(show)
                pool = stack.enter_context(self._pool(tasks, show))
                self._describe()
                show.started = time.monotonic()
                self._grade(pool, tasks, scale, show, summary)
            summary.results = self.store.settle(self.terms)
            self._close(summary, show)
        clear(self.store.work)
        return summary

    def _scale(self, show: Progress) -> float:
        """What limits are multiplied by: given, measured here, or (0) measured by each worker."""
        cluster = self.settings.cluster
        if self.settings.scale or (cluster and not cluster.startswith("local:")):
            return self.settings.scale
        jobs = self.settings.jobs
        fit = fitness.measure(jobs)
        self.fit = fit.describe()
        show.say(
            f"calibration: QEMU takes {fit.alone:.2f} times as long as on the reference machine, "
            f"{jobs} at once {fit.together:.2f} times; limits are times {fit.scale:g}"
        )
        if fit.complaint:
            raise NotFit(fit.complaint)
        return fit.scale

    def _pool(self, tasks: list[Task], show: Progress) -> Pool:
        if not self.settings.cluster:
            return LocalPool(self.settings.jobs)
        labs = {task.lab for task in tasks}
        return ClusterPool(self.settings.cluster, self.root, labs, self.store.work, self.settings.jobs, show.say)

    def _describe(self) -> None:
        self.store.describe({
            "root": str(self.root), "submissions": str(self.submissions.absolute()),
            "secret": str(self.store.secret_path(self.terms).absolute()), "unsolved": self.terms.unsolved,
            "labs": self.plan.labs, "jail": self.settings.jail,
            "grader": grader_version(self.root), "tools": tool_versions(), "calibration": self.fit,
        })  # fmt: skip

    def order(self, task: Task, scale: float) -> Order:
        return Order(
            self.root.absolute(), task.lab, task.student, task.path.absolute(), task.name, self.secret,
            self.store.work.absolute(), scale, self.settings.jail, self.terms.unsolved,
            entry=self.settings.entry,
        )  # fmt: skip

    def _grade(self, pool: Pool, tasks: list[Task], scale: float, show: Progress, summary: Summary) -> None:
        """Keeps the pool full; writes each result as it comes."""
        started, (busy, ticks) = time.monotonic(), fitness.busy_ticks()
        waiting = iter(tasks)
        flying: dict[Future[Graded], Task] = {}
        try:
            while True:
                while len(flying) < pool.slots() + 2 and (task := next(waiting, None)):
                    flying[pool.submit(self.order(task, scale))] = task
                if not flying:
                    break
                done, _ = wait(flying, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    self._arrived(flying.pop(future), future.result(), show, summary)
                show.show()
        except (PoolLost, OSError) as error:  # nobody left who grades; or no room on this disk
            summary.stopped = str(error)
        now_busy, now_ticks = fitness.busy_ticks()
        summary.seconds = time.monotonic() - started
        summary.busy = (now_busy - busy) / max(now_ticks - ticks, 1)

    def _arrived(self, task: Task, graded: Graded, show: Progress, summary: Summary) -> None:
        result = graded.result
        result = replace(result, student=task.student, machine=result.machine | self.fit)
        if student := self.terms.roster.students.get(task.student):
            result = replace(result, name=student.name)
        self.store.save(task, result)
        self.store.settle(self.terms, task.student)
        summary.graded += 1
        summary.errors += result.has_errors
        show.finished(task.name, result)
        if graded.said:
            show.say(f"  a try at {task.name} failed: {graded.said.splitlines()[0]}")

    def _close(self, summary: Summary, show: Progress) -> None:
        if summary.graded:
            show.say(
                f"{summary.graded} graded in {summary.seconds:.0f} s: {summary.per_minute:.1f} submissions a "
                f"minute; {summary.busy:.0%} of {fitness.cores()} cores were busy"
            )
        for student, lab in self.plan.missing:
            show.say(f"missing: {student} has handed in nothing for {lab}")
        kinds = Counter(r.status.value for r in summary.results)
        if counted := [r for r in summary.results if r.status is not Status.ERROR]:
            mean = number(sum(r.final for r in counted) / len(counted))
            states = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
            show.say(f"{len(summary.results)} results count ({states}), {mean} points on average")
        if errors := [r for r in summary.results if r.has_errors]:
            names = ", ".join(f"{r.student} {r.lab}" for r in errors)
            show.say(f"grader errors, no points lost, run again for them: {names}")
        if summary.stopped:
            show.say(f"stopped: {summary.stopped}. Run the same command to go on")
