"""From what pytest wrote to the tests of a result: cases put together, verdicts, texts fit to print.

    tests = gather(pristine.plan, read_outcomes(file))

What is to run comes from the lab's plan and not from the run: a test that left no outcome is missing,
and `missing` says what that means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grading.grader.pristine import Planned
from grading.grader.result import Test, Verdict
from labs.report import Outcome

TEXT_LIMIT, CONSOLE_LIMIT = 6000, 8000  # characters
# How lines of grading.machine's messages begin that tell of the run.
ABOUT_THE_RUN = ("  | ", "  command: ", "  exit status: ", "  rerun: ")
WHY = "\n  why: "
# Which verdict names a test whose cases fail in several ways.
GRAVEST = (Verdict.ERROR, Verdict.PANIC, Verdict.TIMEOUT, Verdict.FAIL, Verdict.SKIPPED)


def read_outcomes(path: Path) -> dict[str, Outcome]:
    """The outcomes by node; none where the run ended before it wrote them."""
    try:
        rows = json.loads(path.read_text())["tests"]
        return {row["id"]: Outcome(**row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def printable(text: str, limit: int) -> str:
    """Text of a guest without what could steer a terminal; its end, if it is long."""
    text = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    return text if len(text) <= limit else f"[… {len(text) - limit} characters …]\n{text[-limit:]}"


def the_same_again(text: str) -> str:
    """A failure's text without what another run of the same would have otherwise.

    The console stands beside it; folders of this run and the patience of this machine are nobody's business.
    """
    lines = [line for line in text.split("\n") if not line.startswith(ABOUT_THE_RUN)]
    return re.sub(r" (?:with)?in \d+(?:\.\d+)? s\b", " in time", "\n".join(lines)).strip()


def _start(text: str, limit: int) -> str:
    text = printable(text, 1 << 20)
    return text if len(text) <= limit else f"{text[:limit]}\n[… {len(text) - limit} characters …]"


def gather(
    plan: Sequence[Planned], outcomes: Mapping[str, Outcome], missing: tuple[Verdict, str]
) -> tuple[Test, ...]:
    """One Test for each test of the plan and kind. `missing` is the verdict of what did not run."""
    groups: dict[tuple[str, str], list[Planned]] = {}
    for planned in plan:
        groups.setdefault((planned.kind, planned.test), []).append(planned)
    order = {"new": 0, "earlier": 1, "variant": 2}
    tests = [_together(cases, outcomes, missing) for cases in groups.values()]
    return tuple(sorted(tests, key=lambda t: (order.get(t.kind, 3), t.exercise)))


def _together(
    cases: Sequence[Planned], outcomes: Mapping[str, Outcome], missing: tuple[Verdict, str]
) -> Test:
    found = {case.id: outcomes.get(case.id) for case in cases}
    verdicts = [Verdict(o.verdict) if o else missing[0] for o in found.values()]
    passed = verdicts.count(Verdict.PASS)
    wrong = [v for v in GRAVEST if v in verdicts]
    verdict = Verdict.PASS
    if wrong:
        verdict = Verdict.PARTIAL if passed and wrong[0] is not Verdict.ERROR else wrong[0]
    earned = sum(c.points for c, v in zip(cases, verdicts) if v is Verdict.PASS)
    first = next((o for o, v in zip(found.values(), verdicts) if v is not Verdict.PASS), None)
    text = first.text if first else "" if passed == len(cases) else missing[1]
    text, _, hint = the_same_again(text).partition(WHY)
    return Test(
        name=cases[0].test, title=cases[0].title, kind=cases[0].kind, exercise=cases[0].exercise,
        points=round(sum(c.points for c in cases), 6), earned=round(earned, 6), verdict=verdict,
        text=_start(text, TEXT_LIMIT), hint=_start(hint, TEXT_LIMIT),
        console=printable(first.console, CONSOLE_LIMIT) if first else "",
        seconds=round(sum(o.seconds for o in found.values() if o), 2), cases=(passed, len(cases)),
    )  # fmt: skip


def again(plan: Iterable[Planned], outcomes: Mapping[str, Outcome]) -> tuple[list[str], list[str]]:
    """The nodes to run again: those that the grader failed at, and those where a wait ran out."""
    errors, waited = [], []
    for planned in plan:
        outcome = outcomes.get(planned.id)
        if outcome is None or outcome.verdict == Verdict.ERROR:
            errors.append(planned.id)
        elif outcome.verdict != Verdict.PASS and outcome.waited:
            waited.append(planned.id)
    return errors, waited
