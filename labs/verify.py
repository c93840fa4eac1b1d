"""Proves that a lab can be handed out: python3 -m labs verify [LAB …].

For every lab: the reference earns all 100 points; the untouched handout earns none of the new
points, fails a test of an earlier lab only by an exercise that is not written yet, and without a
fault of the grader; the handout with the reference's parts put in is the tree that was graded, so
it is enough; each mutant loses points in the test that it names, for the reason that it states; at
most two of them die by panic or hang; and each test is needed: some mutant fails it that no earlier
test catches, or its mark says why it stays.
The kill matrix goes to docs/mutants/.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs.course import Lab, Mutant
from labs.parts import Form
from labs.report import Outcome, number
from labs.solve import solve_tour
from labs.system import write_system
from labs.tree import lab_form, write_tree

TOTAL = 100
MOST_DEADLY = 2  # mutants of a lab that may die by panic or hang
FEWEST_MUTANTS = 8
MARKS = {"pass": ".", "fail": "F", "panic": "P", "timeout": "T", "skipped": "s", "error": "E"}


@dataclass
class Verified:
    """What is known of a lab: the outcomes of each tree, and every fault as a sentence."""

    lab: Lab
    reference: list[Outcome] = field(default_factory=list)
    mutants: dict[str, list[Outcome]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Bench:
    """Builds and grades trees of one lab in one folder, so that little is compiled twice."""

    def __init__(self, root: Path, lab: Lab, folder: Path) -> None:
        self.root, self.lab, self.folder = root, lab, folder

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE_"))}
        environment |= {"GOOSE_BUILD": str(self.folder / "build")}
        if scale := os.environ.get("GOOSE_TIME_SCALE"):
            environment["GOOSE_TIME_SCALE"] = scale
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True
        )

    def build(self, own: Form, mutant: Mutant | None = None) -> str:
        """Writes the tree and builds it. A text says why it does not build."""
        write_tree(self.root, self.lab, self.folder, lab_form(self.lab, own), mutant)
        if self.lab.finished:
            write_system(self.root, self.folder / "finished")
            if own is Form.SOLUTION:
                solve_tour(self.root, self.lab, self.folder)
        made = self._run("make", "--no-print-directory", f"-j{os.cpu_count()}", "grade-build")
        return f"does not build:\n{made.stdout[-500:]}{made.stderr[-3000:]}" if made.returncode else ""

    def grade(self, own: Form, mutant: Mutant | None, *options: str) -> list[Outcome] | str:
        """Builds the tree and runs its tests. A text says why that does not work."""
        if wrong := self.build(own, mutant):
            return wrong
        report = self.folder / "build" / "grade.json"
        report.unlink(missing_ok=True)
        done = self._run("/usr/bin/python3", "-m", "labs", "grade", *options)
        if not report.exists():
            return f"the tests do not run:\n{done.stdout[-3000:]}{done.stderr[-2000:]}"
        return [Outcome(**test) for test in json.loads(report.read_text())["tests"]]


def _check_reference(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.verdict != "pass":
            yield f"the reference fails {outcome.id}: {outcome.verdict}: {outcome.text}"
    total = sum(o.points for o in outcomes)
    if round(total, 3) not in (0, TOTAL):  # 0 in the tour, which has no points
        kinds = {o.kind: 0.0 for o in outcomes}
        for outcome in outcomes:
            kinds[outcome.kind] += outcome.points
        shares = ", ".join(f"{kind} {number(points)}" for kind, points in kinds.items())
        yield f"the lab has {number(total)} points, not {TOTAL}: {shares}"


def _check_stub(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.verdict == "error":
            yield f"on the untouched handout {outcome.id} is an error of the grader: {outcome.text}"
        elif outcome.kind != "earlier" and outcome.points and outcome.verdict == "pass":
            yield f"the untouched handout passes {outcome.id}"
        elif outcome.kind == "earlier" and outcome.verdict != "pass":
            # A kernel that stops at an exercise while it boots cannot run the tests of earlier labs.
            if not re.fullmatch(r"\S+ is not written yet: exercise \d+", outcome.text):
                yield f"the untouched handout fails {outcome.id}: {outcome.text}"


def _check_mutant(mutant: Mutant, outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.verdict == "error":
            yield f"mutant {mutant.name}: {outcome.id} is an error of the grader: {outcome.text}"
    named = [o for o in outcomes if o.test == mutant.test]
    if not named:
        yield f"mutant {mutant.name}: there is no test {mutant.test}"
    elif all(o.verdict == "pass" for o in named):
        yield f"mutant {mutant.name} survives {mutant.test}"
    elif not any(re.search(mutant.says, o.text) for o in named if o.verdict != "pass"):
        said = " / ".join(o.text for o in named if o.verdict != "pass")
        yield f"mutant {mutant.name}: {mutant.test} does not say {mutant.says!r}, but: {said}"


def _deadly(outcomes: Sequence[Outcome]) -> bool:
    """Where the first test that fails ends in a panic or a time-out."""
    first = next((o for o in outcomes if o.kind == "new" and o.verdict != "pass"), None)
    return first is not None and first.verdict in ("panic", "timeout")


def _check_need(verified: Verified) -> Iterator[str]:
    """Each test catches a mutant that no test before it does, or says why it stays."""
    caught: set[str] = set()
    order = list(dict.fromkeys(o.test for o in verified.reference if o.kind == "new"))
    for test in order:
        outcomes = {
            name: [o for o in found if o.test == test] for name, found in verified.mutants.items()
        }
        kills = {n for n, found in outcomes.items() if any(o.verdict != "pass" for o in found)}
        mark = next(o for o in verified.reference if o.test == test)
        if not kills - caught and not mark.stays and mark.points:
            yield f"{test} catches no mutant that the tests before it miss; say why it stays"
        caught |= kills


def _in_file_order(lab: Lab, root: Path, outcomes: list[Outcome]) -> list[Outcome]:
    """As the tests stand in their files."""
    places: dict[str, int] = {}
    for path in sorted((root / "labs" / lab.folder / "tests").glob("test_*.py")):
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE):
            places[f"{path.name}::{name}"] = len(places)
    return sorted(outcomes, key=lambda o: places.get(o.test, len(places)))


def matrix(verified: Verified) -> str:
    """The kill matrix as a page of the book."""
    lab = verified.lab
    tests = list(dict.fromkeys(o.test for o in verified.reference if o.kind == "new"))
    lines = [f"# Lab {lab.number}, {lab.title}: which test catches which mutant", ""]
    lines += ["Written by `make verify-labs`. F: fails, P: panic, T: time-out, .: passes.", ""]
    lines += [f"{n}. `{test}`" for n, test in enumerate(tests, start=1)]
    head = " | ".join(str(n + 1) for n in range(len(tests)))
    lines += ["", f"| mutant | {head} |", "|---|" + "---|" * len(tests)]
    for mutant in lab.mutants:
        cells = []
        for test in tests:
            found = [o for o in verified.mutants.get(mutant.name, []) if o.test == test]
            worst = next((o.verdict for o in found if o.verdict != "pass"), "pass" if found else "")
            mark = MARKS.get(worst, " ")
            cells.append(f"**{mark}**" if test == mutant.test else mark)
        lines.append(f"| {mutant.name}: {mutant.story} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def verify(
    root: Path, lab: Lab, folder: Path, only: Sequence[str] | None = None, say=print  # type: ignore[no-untyped-def]
) -> Verified:
    """Verifies one lab in `folder`; `only` names some mutants. `say` gets a line for each step."""
    bench, verified = Bench(root, lab, folder), Verified(lab)

    def step(title: str, own: Form, mutant: Mutant | None, *options: str) -> list[Outcome] | None:
        started = time.monotonic()
        outcomes = bench.grade(own, mutant, *options)
        if isinstance(outcomes, str):
            verified.faults.append(f"{title} {outcomes}")
            return None
        earned = sum(o.earned for o in outcomes)
        points = sum(o.points for o in outcomes)
        marks = "".join(MARKS[o.verdict] for o in _in_file_order(lab, root, outcomes))
        seconds = time.monotonic() - started
        say(f"  {title:<32} {number(earned):>5} of {number(points):<5} {marks}  {seconds:.0f} s")
        return outcomes

    say(f"Lab {lab.number}: {lab.title}")
    reference = step("reference", Form.SOLUTION, None, "--variants") or []
    verified.reference = _in_file_order(lab, root, reference)
    verified.faults += _check_reference(reference)
    stub = step("untouched handout", Form.STUB, None)
    verified.faults += _check_stub(stub or [])
    wanted = [m for m in lab.mutants if only is None or m.name in only]
    for mutant in wanted:
        outcomes = step(mutant.name, Form.SOLUTION, mutant, "--new")
        if outcomes is not None:
            verified.mutants[mutant.name] = _in_file_order(lab, root, outcomes)
            verified.faults += _check_mutant(mutant, outcomes)
    if only is None and lab.exercises and sum(o.points for o in reference):
        verified.faults += _check_whole(verified)
    for fault in verified.faults:
        say(f"  FAULT: {fault}")
    return verified


def _check_whole(verified: Verified) -> Iterator[str]:
    """What only all mutants together show."""
    lab = verified.lab
    yield from _check_need(verified)
    deadly = [name for name, found in verified.mutants.items() if _deadly(found)]
    if len(deadly) > MOST_DEADLY:
        yield f"{len(deadly)} mutants die by panic or hang, more than {MOST_DEADLY}: {deadly}"
    if len(lab.mutants) < FEWEST_MUTANTS:
        yield f"the lab has {len(lab.mutants)} mutants, fewer than {FEWEST_MUTANTS}"
    covered = {m.part for m in lab.mutants}
    for exercise in lab.exercises:
        if not covered & set(exercise.parts):
            yield f"exercise {exercise.number} has no mutant"
