"""Walks the whole course as a student would: python3 -m labs walk (make course-walk).

From the first lab to the last: the handout is cut, the work so far is carried into it (make next),
this lab's parts are written (by the reference), graded for full marks and packed (make submit).
On the way the student renames a helper, adds a field and an include outside the parts, and a file
of their own: all of it must be there at the end.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.course import CourseError, Lab
from labs.handout import make_handout
from labs.report import number
from labs.solve import solve, solve_tour
from labs.submit import gather

TALLY = """// How often something happened.
#pragma once
#include "base/types.h"

struct Tally {
    u64 count = 0;
};
"""


@dataclass(frozen=True)
class Change:
    """An edit of the student's own in one lab: every `old` of a file becomes `new`.

    With no `old`, a new file. `trace` must still be in the file at the end.
    """

    lab: str
    path: str
    old: str
    new: str
    trace: str

    def make(self, tree: Path) -> None:
        path = tree / self.path
        if not self.old:
            path.write_text(self.new)
            return
        text = path.read_text()
        if self.old not in text:
            raise CourseError(f"{path} has no {self.old!r} to change")
        path.write_text(text.replace(self.old, self.new))


RING = "kernel/cpu/log_ring.h"
CHANGES = (
    Change("console", "kernel/cpu/tally.h", "", TALLY, "struct Tally"),
    Change("console", RING, '#include "base/span.h"\n',
           '#include "base/span.h"\n#include "cpu/tally.h"\n', '#include "cpu/tally.h"'),
    Change("console", RING, "remainder by kSize\n",
           "remainder by kSize\n    Tally laps_;\n", "Tally laps_;"),
    Change("frames", "kernel/mm/buddy.cc", "remove_free_block", "unlink_free_block",
           "static void unlink_free_block("),
)  # fmt: skip


def _make(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE_B"))}
    command = ["make", "--no-print-directory", f"-j{os.cpu_count()}", *words]
    return subprocess.run(
        command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def _must(tree: Path, *words: str) -> str:
    done = _make(tree, *words)
    if done.returncode:
        said = f"{done.stdout[-2500:]}{done.stderr[-2500:]}"
        raise CourseError(f"in {tree}: make {' '.join(words)} failed:\n{said}")
    return done.stdout


def _write_lab(root: Path, lab: Lab, tree: Path) -> None:
    """Does the lab's exercises, and what the student changes besides."""
    solve(root, tree, {part for exercise in lab.exercises for part in exercise.parts})
    if lab.finished:
        solve_tour(root, lab, tree)
    for change in CHANGES:
        if change.lab == lab.name:
            change.make(tree)


def _grade(lab: Lab, tree: Path) -> str:
    """Full marks, or a CourseError."""
    done = _make(tree, "grade")
    report = tree / "build" / "grade.json"
    if not report.exists():
        raise CourseError(f"in {tree}: make grade failed:\n{done.stdout[-2500:]}{done.stderr[-2500:]}")
    tests = json.loads(report.read_text())["tests"]
    earned = sum(test["points"] for test in tests if test["verdict"] == "pass")
    points = sum(test["points"] for test in tests)
    if earned != points or not tests:
        raise CourseError(f"in {tree}: {number(earned)} of {number(points)}:\n{done.stdout[-4000:]}")
    return f"{number(earned)} of {number(points)}"


def walk(root: Path, course: Sequence[Lab], folder: Path, say: Callable[[str], None] = print) -> Path:
    """Walks through `course` in the new folder `folder`; returns the last tree."""
    if folder.exists():
        raise CourseError(f"{folder} exists already; name a new folder")
    tree: Path | None = None
    made: list[str] = []
    for lab in course:
        handout = folder / "handouts" / lab.folder
        make_handout(root, lab, handout)
        before, tree = tree, folder / lab.folder
        if before:
            _must(before, "next", f"FROM={handout}", f"OUT={tree}")
        else:
            subprocess.run(["git", "clone", "-q", str(handout), str(tree)], check=True)
        _write_lab(root, lab, tree)
        points = _grade(lab, tree)
        _must(tree, "submit")
        submission = gather(tree)
        if submission.stubs or submission.warnings:
            raise CourseError(f"{tree}: {submission.stubs} {submission.warnings}")
        made.append(lab.name)
        for change in CHANGES:
            there = tree / change.path
            if change.lab in made and not (there.exists() and change.trace in there.read_text()):
                raise CourseError(f"{there} has lost the student's {change.trace!r}")
        say(f"Lab {lab.number:>2} {lab.name:<8} {points:>9} points, {len(submission.files)} files handed in")
    if tree is None:
        raise CourseError("there are no labs to walk through")
    return tree
