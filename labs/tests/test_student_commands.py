"""What students type beside `make grade`, in a real handout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from labs.course import find_lab
from labs.handout import make_handout
from labs.parts import ROOT
from labs.solve import solve
from labs.tests.small_course import edit, git


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("student") / "lab"
    make_handout(ROOT, find_lab("frames"), out)
    return out


def make(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE"))}
    return subprocess.run(
        ["make", "-j2", "--no-print-directory", *words],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_help_names_only_what_is_there(handout: Path) -> None:
    text = make(handout, "help").stdout
    assert "LAYERS=mm" in text and "TEST=NAME SEED=1" in text
    assert "docs/" not in text and "layercheck" not in text
    assert "docs/tour.md" in make(ROOT, "help").stdout


def test_format_lays_out_only_what_was_changed(handout: Path) -> None:
    assert make(handout, "format").returncode == 0
    assert git(handout, "status", "--porcelain") == ""
    edit(handout / "kernel/mm/buddy.cc", "first.state = FrameState::kFree;", "first.state=FrameState::kFree;")
    (handout / "kernel/mm/mine.h").write_text("#pragma once\nint   mine;\n")
    assert make(handout, "format").returncode == 0
    assert git(handout, "status", "--porcelain") == "?? kernel/mm/mine.h\n"
    assert (handout / "kernel/mm/mine.h").read_text() == "#pragma once\nint mine;\n"
    (handout / "kernel/mm/mine.h").unlink()


@pytest.mark.slow
def test_doctor_is_content_with_an_exercise_and_with_a_floor_without_a_prompt(handout: Path) -> None:
    untouched = make(handout, "doctor")
    assert untouched.returncode == 0, untouched.stdout
    assert "reached exercise 1, which is yours to write" in untouched.stdout
    solve(ROOT, handout)
    solved = make(handout, "doctor")
    assert solved.returncode == 0, solved.stdout
    assert "powered off; this floor has no prompt" in solved.stdout
    edit(handout / "kernel/mm/buddy.cc", "    return block;", '    panic("no block %u", order);')
    broken = make(handout, "doctor")
    assert broken.returncode != 0
    assert broken.stdout.splitlines()[-1].startswith("doctor: goose does not boot: panic: hart 0: no block")
