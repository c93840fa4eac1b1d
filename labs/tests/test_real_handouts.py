"""The real labs, as students get them: cut, built, booted, solved, graded, handed in, carried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.carry import carry
from labs.course import Lab, load_course
from labs.handout import make_handout
from labs.parts import ROOT, Form, handout_form, render_tree
from labs.solve import solve
from labs.submit import gather
from labs.tests.conftest import Bench
from labs.tests.small_course import edit, git
from labs.tree import Choose

LABS = [lab for lab in load_course(ROOT) if not lab.finished]
# Whole trees with all parts in one form, and the handouts of labs that have no manifest yet.
FORMS: dict[str, tuple[str, Choose]] = {
    "all-solved": ("fs", lambda part: Form.SOLUTION),
    "all-stubs": ("fs", lambda part: Form.STUB),
}
FORMS |= {
    name: (floor, handout_form(name))
    for name, floor in {"memory": "process", "files": "io"}.items()
    if name not in {lab.name for lab in LABS}
}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
@pytest.mark.slow
def test_an_untouched_handout_builds_and_names_the_first_exercise(
    lab: Lab, tmp_path: Path, bench: Bench
) -> None:
    out = tmp_path / "out"
    make_handout(ROOT, lab, out)
    assert len(git(out, "log", "--all", "--format=%h").split()) == 1
    bench.become(out)
    built = bench.make()
    assert built.returncode == 0 and "warning" not in built.stderr, built.stderr[-3000:]
    said = bench.make("qemu")
    first = lab.exercises[0]
    messages = [f"{part}: exercise {first.number}: yours to write" for part in first.parts]
    assert any(message in said.stdout for message in messages), said.stdout[-2000:]
    assert git(bench.folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.slow
def test_a_tree_builds_in_every_form(name: str, tmp_path: Path, forms_bench: Bench) -> None:
    """Without warnings, and file by file, as in a handout: the compiler sees no stub from another
    file. A handout has earlier parts solved, its own as stubs, later ones in their UNTIL form, and
    the floors above left out."""
    floor, choose = FORMS[name]
    render_tree(ROOT, tmp_path, choose)
    forms_bench.become(tmp_path)
    options = ["BATCH=1", f"LAYERS={floor}", "B=build", "EXTRA_KERNEL_FLAGS=-g0"]
    built = forms_bench.make(*options, "build/goose.elf")
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-4000:]


@pytest.mark.slow
def test_from_one_lab_to_the_next(tmp_path: Path, bench: Bench) -> None:
    first, second = LABS[2], LABS[3]
    work, following, out = tmp_path / "work", tmp_path / "next", tmp_path / "out"
    make_handout(ROOT, first, work)
    make_handout(ROOT, second, following)
    solve(ROOT, work)
    edit(work / "kernel/mm/buddy.cc", '#include "mm/buddy.h"', '#include "mm/buddy.h"\n#include "mm/mine.h"')
    (work / "kernel/mm/mine.h").write_text("#pragma once\n")
    bench.become(work)
    graded = bench.make("grade", "TEST=test_random_takes_and_gives")
    assert graded.returncode == 0, graded.stdout[-3000:]
    submission = gather(work)
    assert not submission.stubs and not submission.warnings and "kernel/mm/mine.h" in submission.new
    report = carry(work, str(following), out)
    assert not report.clashes and not report.not_carried
    assert report.merged == ["kernel/mm/buddy.cc"] and report.added == ["kernel/mm/mine.h"]
    bench.become(out)
    assert bench.make().returncode == 0
