"""Which of a student's submissions counts in each lab, and what its lateness costs.

    for result in settle(terms, results): …        # one for each student and lab

Lateness is no part of grading: after a deadline or an extension has changed, settling again takes
seconds, and nothing is graded again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from grading.grader.result import Late, Result, Status
from grading.grader.terms import Terms

EVER = datetime.min.replace(tzinfo=UTC)


def received(result: Result) -> datetime | None:
    """When the submission came, as the batch found out."""
    return datetime.fromisoformat(result.late.received) if result.late.received else None


def _weigh(result: Result, late: Late) -> tuple[bool, float, int, float]:
    """Best first: graded, more points, fewer late days, earlier."""
    when = received(result)
    earlier = -when.timestamp() if when else 0.0
    return result.status is not Status.ERROR, result.earned * late.factor, -late.days_spent, earlier


def _one(terms: Terms, results: list[Result], free: int) -> Result:
    """The submission of one student and lab that counts, with its lateness."""
    student, lab = results[0].student, results[0].lab
    if terms.counts == "latest":
        results = [max(results, key=lambda r: (received(r) or EVER, r.submission))]
    lates = [terms.lateness(student, lab, received(result), free) for result in results]
    best = max(range(len(results)), key=lambda n: _weigh(results[n], lates[n]))
    return replace(results[best], late=lates[best])


def settle(terms: Terms, results: Iterable[Result]) -> Iterator[Result]:
    """Of each student and lab the result that counts.

    Free late days go to the labs in the order of their deadlines: a later lab never takes one back.
    """
    students: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        students[result.student][result.lab].append(result)
    for key in sorted(students):
        labs = students[key]
        left = terms.late.free_days

        def order(lab: str) -> tuple[datetime, int]:
            return terms.deadlines.get(lab, EVER), labs[lab][0].lab_number  # noqa: B023

        for lab in sorted(labs, key=order):
            chosen = _one(terms, labs[lab], left)
            left -= chosen.late.days_spent
            student = terms.roster.students.get(key)
            yield replace(chosen, name=student.name if student else chosen.name)
