"""The lecture walks go through to their end on the kernel as it is, and show what they say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.conftest import ROOT

from grading.timing import scaled

WALKS = {
    "boot": ["The first trap from user mode", "The prompt", "7 steps, to the end"],
    "fault": ["scause = 0xc", ": nothing", "r-xu-a", "5 steps, to the end"],
    "write": ["Into the ring", "The interrupt", "honk", "7 steps, to the end"],
}


@pytest.mark.slow
@pytest.mark.unsanitized("the walks stop at lines that the compiler moves")
@pytest.mark.parametrize("name", WALKS)
def test_walk_goes_to_its_end(build: Path, name: str) -> None:
    command = ["/usr/bin/python3", str(ROOT / "tools/demo.py"), name, "--auto"]
    done = subprocess.run(
        [*command, "--build", str(build)], capture_output=True, text=True, timeout=scaled(120)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for part in WALKS[name]:
        assert part in done.stdout, done.stdout
    # Every stop in the source was found.
    assert "->" in done.stdout


def test_a_walk_that_is_not_there_is_refused() -> None:
    command = ["/usr/bin/python3", str(ROOT / "tools/demo.py"), "waddle"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "waddle" in done.stderr
