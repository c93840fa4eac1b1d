"""The real labs, as students get them: cut, built, booted, solved, graded, handed in, carried on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from labs.carry import carry
from labs.course import Lab, load_course
from labs.handout import make_handout
from labs.parts import ROOT
from labs.solve import solve
from labs.submit import gather
from labs.tests.small_course import edit, git

LABS = [lab for lab in load_course(ROOT) if not lab.finished]


def run(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """make in a student's tree."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE"))}
    return subprocess.run(
        ["make", "-j2", "--no-print-directory", *words],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
    )


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
@pytest.mark.slow
def test_an_untouched_handout_builds_and_names_the_first_exercise(lab: Lab, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_handout(ROOT, lab, out)
    assert len(git(out, "log", "--all", "--format=%h").split()) == 1
    built = run(out)
    assert built.returncode == 0 and "warning" not in built.stderr, built.stderr[-3000:]
    said = run(out, "qemu")
    first = lab.exercises[0]
    messages = [f"{part}: exercise {first.number}: yours to write" for part in first.parts]
    assert any(message in said.stdout for message in messages), said.stdout[-2000:]
    assert git(out, "status", "--porcelain") == ""


@pytest.mark.slow
def test_from_one_lab_to_the_next(tmp_path: Path) -> None:
    first, second = LABS[2], LABS[3]
    work, following, out = tmp_path / "work", tmp_path / "next", tmp_path / "out"
    make_handout(ROOT, first, work)
    make_handout(ROOT, second, following)
    solve(ROOT, work)
    edit(work / "kernel/mm/buddy.cc", '#include "mm/buddy.h"', '#include "mm/buddy.h"\n#include "mm/mine.h"')
    (work / "kernel/mm/mine.h").write_text("#pragma once\n")
    graded = run(work, "grade", "TEST=test_random_takes_and_gives")
    assert graded.returncode == 0, graded.stdout[-3000:]
    submission = gather(work)
    assert not submission.stubs and not submission.warnings and "kernel/mm/mine.h" in submission.new
    report = carry(work, str(following), out)
    assert not report.clashes and not report.not_carried
    assert report.merged == ["kernel/mm/buddy.cc"] and report.added == ["kernel/mm/mine.h"]
    assert run(out).returncode == 0
