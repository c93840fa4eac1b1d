"""The rules of the tower hold, and the checks that say so can fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ROOT

Check = Callable[..., subprocess.CompletedProcess[str]]


def run(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/python3", str(ROOT / "tools" / tool), *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A copy of the kernel's sources to plant violations in."""
    shutil.copytree(ROOT / "kernel", tmp_path / "kernel")
    shutil.copy(ROOT / "layers.mk", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_layercheck_is_clean(build: Path) -> None:
    done = run("layercheck.py", "--headers", "--build", str(build))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "line", "complaint"),
    [
        ("kernel/mm/frame.cc", '#include "thread/thread.h"', "of the higher thread"),
        ("kernel/base/list.h", '#include "cpu/hart.h"', "of the higher cpu"),
        ("kernel/abi/time.h", '#include "base/types.h"', "of the higher base"),
        ("kernel/cpu/trap.cc", "#include <vector>", "is a library's"),
        ("kernel/cpu/trap.cc", '#include "cellar/trap.h"', "names no floor"),
        ("kernel/cellar/x.cc", "", "floor cellar is not in layers.mk"),
        ("kernel/cpu/bare.h", "", "without #pragma once"),
    ],
)
def test_layercheck_finds(planted: Path, path: str, line: str, complaint: str) -> None:
    file = planted / path
    file.parent.mkdir(exist_ok=True)
    old = file.read_text() if file.exists() else ""
    file.write_text(f"{old}\n{line}\n")
    done = run("layercheck.py", "--root", str(planted))
    assert done.returncode == 1 and complaint in done.stdout and path in done.stdout


def test_layercheck_finds_what_boot_takes(planted: Path) -> None:
    (planted / "boot").mkdir()
    (planted / "boot/main.cc").write_text('#include "mm/frame.h"\n')
    assert "boot/main.cc:1" in run("layercheck.py", "--root", str(planted)).stdout


# Strict: when the kernel is under 12,000 lines this fails, and the mark is to be removed.
@pytest.mark.xfail(strict=True, reason="the kernel is over its 12,000 lines: see make count")
def test_kernel_keeps_its_line_budget() -> None:
    done = run("count.py")
    assert done.returncode == 0, done.stdout


def test_no_floor_over_its_budget_grows_and_no_file_is_too_long() -> None:
    done = run("count.py", "--growth")
    assert done.returncode == 0, done.stdout


def test_count_finds_a_file_of_more_than_one_sitting(planted: Path) -> None:
    (planted / "kernel/mm/long.cc").write_text("int x;\n" * 351)
    done = run("count.py", "--root", str(planted))
    assert done.returncode == 1 and "kernel/mm/long.cc has 351 lines" in done.stdout


def test_count_does_not_count_comments(planted: Path) -> None:
    before = run("count.py", "--root", str(planted)).stdout
    text = "// one\n/* two\n   three */\n\n"
    (planted / "kernel/mm/comments.cc").write_text(text)
    after = run("count.py", "--root", str(planted)).stdout
    totals = [line for line in (before + after).splitlines() if line.startswith("total")]
    assert totals[0].split()[2] == totals[1].split()[2]
