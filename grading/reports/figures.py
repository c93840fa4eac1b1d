"""What the results of one lab say about the class, the tests, and the machine.

    figures = figures_of(gathered.of_lab("paging"))
    figures.median, figures.tests[0].passed, figures.failures[0].students
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from grading.grader.result import Result, Status, Test, Verdict
from grading.reports.text import explain, one_line

# Numbers and addresses differ from student to student where the failure is the same.
VARIES = re.compile(r"0x[0-9a-fA-F]+|(?<!exercise )\b\d[\d,.]*\b")
NOT_WRITTEN = " is not written yet: "  # labs/grade.py says so of a stub, whichever test met it
BINS = 10


def judged(one: Result) -> tuple[Test, ...]:
    """The tests that say something of the student's code.

    Where the grader failed before any could run, those in the result only keep their points' place.
    """
    return one.tests if one.build.built or one.status is not Status.ERROR else ()


@dataclass(frozen=True)
class Group:
    """Tests that stand under one heading."""

    title: str
    tests: list[Test]

    @property
    def earned(self) -> float:
        return sum(t.earned for t in self.tests)

    @property
    def points(self) -> float:
        return sum(t.points for t in self.tests)


def groups_of(tests: Sequence[Test]) -> list[Group]:
    """Exercise by exercise, then earlier labs, then the grader's own inputs."""
    new = [t for t in tests if t.kind == "new"]
    found = [
        Group(f"Exercise {n}" if n else "The lab as a whole", [t for t in new if t.exercise == n])
        for n in sorted({t.exercise for t in new})
    ]
    found.append(Group("Earlier labs still work", [t for t in tests if t.kind == "earlier"]))
    rest = [t for t in tests if t.kind not in ("new", "earlier")]
    found.append(Group("The grader's own inputs", rest))
    return [group for group in found if group.tests]


@dataclass
class TestFigures:
    """One test over the class. Seconds are of the runs that passed or failed, without errors."""

    name: str
    kind: str
    exercise: int
    points: float
    titles: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What most of its results call it."""
        return self.titles.most_common(1)[0][0]

    @property
    def runs(self) -> int:
        """How often it was judged."""
        return sum(n for verdict, n in self.verdicts.items() if verdict is not Verdict.ERROR)

    @property
    def passed(self) -> float:
        """The part of the runs that passed, 0 to 1; 0 where it never ran."""
        return self.verdicts[Verdict.PASS] / self.runs if self.runs else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def slowest(self) -> float:
        return max(self.seconds, default=0.0)


@dataclass
class Failure:
    """What several students' tests said alike; `example` is the text of the first of them.

    A part that was never written fails many tests, and is one failure.
    """

    test: str
    title: str
    verdict: Verdict
    says: str
    students: list[str] = field(default_factory=list)
    example: str = ""


@dataclass
class Figures:
    """One lab's class. `final` are the points of those that have a grade, sorted."""

    results: Sequence[Result]
    points: float
    final: list[float]
    tests: list[TestFigures]
    failures: list[Failure]

    @property
    def median(self) -> float:
        return statistics.median(self.final) if self.final else 0.0

    @property
    def mean(self) -> float:
        return statistics.fmean(self.final) if self.final else 0.0

    @property
    def full(self) -> int:
        """How many have all points."""
        return sum(value >= self.points - 1e-6 for value in self.final)

    @property
    def histogram(self) -> list[int]:
        """How many have 0 up to a tenth of the points, …, nine tenths up to all."""
        bins = [0] * BINS
        for value in self.final:
            share = value / self.points if self.points else 1.0
            bins[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += 1
        return bins

    def with_status(self, status: Status) -> list[Result]:
        return [r for r in self.results if r.status is status]

    @property
    def errors(self) -> list[Result]:
        """Those to be graded again: in whole, or a test of theirs."""
        return [r for r in self.results if r.has_errors]

    @property
    def late(self) -> list[Result]:
        return [r for r in self.results if r.late.days > 0]

    @property
    def waiting(self) -> int:
        """Answers that earn points and that nobody has looked at."""
        return sum(a.points is None for r in self.results for a in r.answers if a.most)


def _likeness(test: Test) -> str:
    """What two failures of one test have in common: its first line, less the numbers, and why."""
    told = explain(test.text)
    return VARIES.sub("…", f"{one_line(told.what)} {one_line(told.why)}").strip()


def _order(test: TestFigures) -> tuple[int, int, str]:
    return ({"new": 0, "earlier": 1}.get(test.kind, 2), test.exercise, test.name)


def figures_of(results: Sequence[Result]) -> Figures:
    """Counts over the results of one lab."""
    tests: dict[tuple[str, str], TestFigures] = {}
    failures: dict[tuple[str, Verdict, str], Failure] = {}
    for one in results:
        for test in one.tests if one.build.built else ():
            figures = tests.setdefault(
                (test.name, test.kind),
                TestFigures(test.name, test.kind, test.exercise, test.points),
            )
            figures.titles[test.title] += 1
            figures.verdicts[test.verdict] += 1
            if test.verdict not in (Verdict.ERROR, Verdict.SKIPPED):
                figures.seconds.append(test.seconds)
            if test.verdict in (Verdict.FAIL, Verdict.PANIC, Verdict.TIMEOUT, Verdict.PARTIAL):
                says = _likeness(test)
                name, title = (says, "Not written yet") if NOT_WRITTEN in says else (test.name, test.title)
                failure = failures.setdefault(
                    (name, test.verdict, says), Failure(name, title, test.verdict, says, [], test.text)
                )
                if one.student not in failure.students:
                    failure.students.append(one.student)
    return Figures(
        results=results,
        points=max((r.points for r in results), default=0.0),
        final=sorted(r.final for r in results if r.status is not Status.ERROR),
        tests=sorted(tests.values(), key=_order),
        failures=sorted(failures.values(), key=lambda f: (-len(f.students), f.test, f.says)),
    )
