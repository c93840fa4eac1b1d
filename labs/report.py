"""What `make grade` prints at its end: exercises with their points, and each failure in full."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labs.course import Lab

INDENT = "      "
CONSOLE = "  | "  # how the lines of a guest's console begin


@dataclass(frozen=True)
class Outcome:
    """What became of one test. `kind` is new, earlier or variant; `exercise` 0 is none."""

    id: str
    test: str
    title: str
    kind: str
    exercise: int
    points: float
    verdict: str
    text: str
    seconds: float
    stays: str = ""
    ways_back: list[str] = field(default_factory=list)
    console: str = ""  # the last lines of the machine that it failed on
    boot: float = 0.0  # seconds of its time that went into starting machines
    waited: bool = False  # a wait ran out: on a loaded machine the test may do better

    @property
    def earned(self) -> float:
        return self.points if self.verdict == "pass" else 0.0


def number(points: float) -> str:
    """Points as people write them: 7, 2.5."""
    return f"{points:.1f}".removesuffix(".0")


def _sum(outcomes: Sequence[Outcome]) -> str:
    earned = sum(o.earned for o in outcomes)
    return f"{number(earned)} of {number(sum(o.points for o in outcomes))}"


def _without_echo(outcome: Outcome, shown: dict[str, str]) -> list[str]:
    """The failure's lines. Of a panic that another test has shown in full only the first line stays.

    `shown` has the panics so far, without their numbers, and the tests that they were shown for.
    """
    lines = outcome.text.rstrip().splitlines()
    panic = re.compile(rf"{re.escape(CONSOLE)}.*panic: ")
    start = next((n for n, line in enumerate(lines) if panic.match(line)), None)
    if start is None:
        return lines
    end = next((n for n in range(start, len(lines)) if not lines[n].startswith(CONSOLE)), len(lines))
    report = re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{16}\b|\d+", "#", "\n".join(lines[start:end]))
    first = shown.setdefault(report, outcome.test)
    if first == outcome.test or end - start < 3:
        return lines
    return [*lines[: start + 1], f"{CONSOLE}… and on as in {first} above", *lines[end:]]


def _print_failure(outcome: Outcome, shown: dict[str, str], say: Callable[[str], None]) -> None:
    say(f"\n  {outcome.verdict.upper()}  {outcome.test}: {outcome.title}")
    for line in [*_without_echo(outcome, shown), *outcome.ways_back]:
        say(INDENT + line)


def print_report(lab: Lab, outcomes: Sequence[Outcome], say: Callable[[str], None]) -> None:
    """Prints the whole report, line by line, through `say`."""
    say("")
    failures = [o for o in outcomes if o.verdict not in ("pass", "skipped")]
    told: set[str] = set()
    shown: dict[str, str] = {}
    for outcome in failures:
        if outcome.text.endswith(tuple("0123456789")) and " is not written yet: " in outcome.text:
            if outcome.text in told:
                continue  # once is enough for a part that many tests need
            told.add(outcome.text)
        _print_failure(outcome, shown, say)
    say(f"\nLab {lab.number}: {lab.title}")
    rows = [(f"exercise {e.number}: {e.title}", [o for o in outcomes if o.kind == "new" and o.exercise == e.number])
            for e in lab.exercises]
    rows += [("earlier labs still work", [o for o in outcomes if o.kind == "earlier"])]
    rows += [("the grader's own inputs", [o for o in outcomes if o.kind == "variant"])]
    for title, group in rows:
        if group:
            passed = sum(o.verdict == "pass" for o in group)
            say(f"  {title:<52} {passed:>3}/{len(group):<3} tests  {_sum(group)} points")
    hidden = sum(v.points for v in lab.variants)
    if any(o.kind == "variant" for o in outcomes):
        hidden = 0
    say(f"  {'total':<52} {'':>13} {_sum(outcomes)} points")
    if hidden:
        names = ", ".join(v.test.split("::")[1] for v in lab.variants)
        say(f"  {number(hidden)} more points are for inputs that only the grader has: {names}")
    if any(o.verdict == "error" for o in outcomes):
        say("  ERROR is a fault of the tests or of this machine, not of your code: please report it")
