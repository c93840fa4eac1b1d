"""A rotating part of `make verify-labs`: each commit proves another lab, with two of its mutants.

GOOSE_VERIFY=NUMBER chooses the part; without it, the number of commits does.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from labs.course import load_course
from labs.parts import ROOT
from labs.tests.conftest import Bench
from labs.verify import verify

MUTANTS = 2


def turn() -> int:
    """Which part it is the turn of."""
    if given := os.environ.get("GOOSE_VERIFY"):
        return int(given)
    count = ["git", "rev-list", "--count", "HEAD"]
    return int(subprocess.run(count, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


@pytest.mark.slow
def test_this_turn_s_lab_proves_itself(bench: Bench) -> None:
    labs = [lab for lab in load_course(ROOT) if lab.mutants]
    number = turn()
    lab = labs[number % len(labs)]
    first = number // len(labs) * MUTANTS
    names = [lab.mutants[(first + i) % len(lab.mutants)].name for i in range(MUTANTS)]
    lines: list[str] = []
    verified = verify(ROOT, lab, bench.folder, names, say=lines.append)
    assert verified.reference and not verified.faults, "\n".join(lines)
