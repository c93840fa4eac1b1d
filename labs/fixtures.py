"""The fixtures of the labs' tests: a booted machine, random inputs, symbols, a folder that stays.

    def test_walk_finds_what_was_mapped(start, symbols, folder, rng): …

A second plugin beside grade.py, which makes verdicts of what became of the machines started here.
"""

from __future__ import annotations

import hashlib
import random
import re
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grading.confine import run_make
from grading.machine import Machine
from grading.qemu import Options
from grading.symbols import Symbols
from labs.grade import BOOT, BUILD, FAILED, FOLDER, MACHINES, ROOT, SEED, fail


@pytest.fixture
def variant() -> int:
    """Which of the grader's own inputs; 0 is the one that students see."""
    return 0


@pytest.fixture
def seed(request: pytest.FixtureRequest, variant: int) -> int:
    """A number of this test's own: the same in every run with the same GOOSE_SEED."""
    name = re.sub(r"variant\d+-?", "", request.node.name).replace("[]", "")
    text = f"{SEED} {request.node.path.name} {name} {variant}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@pytest.fixture
def rng(seed: int) -> random.Random:
    """Random inputs of this test."""
    return random.Random(seed)


@pytest.fixture(scope="session")
def tree() -> Path:
    """The top of the lab's tree."""
    return ROOT


@pytest.fixture(scope="session")
def build() -> Path:
    """The build folder."""
    return BUILD


@pytest.fixture(scope="session")
def symbols() -> Symbols:
    """The symbols of the kernel."""
    return Symbols(BUILD / "kernel.elf")


def emptied(path: Path) -> Path:
    """The folder, new and empty."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


@pytest.fixture
def folder_path(request: pytest.FixtureRequest) -> Path:
    """Where the test's folder is to be."""
    name = re.sub(r"[^\w.-]+", "_", f"{request.path.parent.parent.name}-{request.node.name}")
    return BUILD / "failures" / name


@pytest.fixture
def folder(request: pytest.FixtureRequest, folder_path: Path) -> Iterator[Path]:
    """A folder for the test's files that stays if the test fails."""
    request.node.stash[FOLDER] = emptied(folder_path)
    yield folder_path
    if not request.node.stash.get(FAILED, False):
        shutil.rmtree(folder_path, ignore_errors=True)


@pytest.fixture
def start(request: pytest.FixtureRequest, folder: Path) -> Iterator[Callable[..., Machine]]:
    """start(**options) boots the tree's goose.elf; the machine ends with the test.

    Options are those of grading.qemu.Options.
    """
    machines: list[Machine] = []
    request.node.stash[MACHINES] = machines

    def boot(**options: Any) -> Machine:
        options.setdefault("kernel", BUILD / "goose.elf")
        began = time.monotonic()
        run = Machine(Options(folder=folder / f"run{len(machines)}", **options))
        machines.append(run)
        run.__enter__()
        request.node.stash[BOOT] = request.node.stash.get(BOOT, 0.0) + time.monotonic() - began
        return run

    yield boot
    for run in machines:
        run.__exit__(None, None, None)
        if request.node.stash.get(FAILED, False):
            run.keep()


@pytest.fixture(scope="session")
def program() -> Callable[[str], Path]:
    """program(name): a built program of the lab's user/ or of user/bin."""

    def find(name: str) -> Path:
        found = [*BUILD.glob(f"labs/*/user/{name}"), *BUILD.glob(f"user/bin/{name}")]
        if not found:
            raise FileNotFoundError(f"no program {name} under {BUILD}: run `make grade`")
        return found[0]

    return find


@pytest.fixture(scope="session")
def make() -> Callable[..., None]:
    """make(*words) runs make at the top of the tree; a fault of the build fails the test."""

    def run(*words: str) -> None:
        done = run_make(ROOT, BUILD, *words)
        if done.returncode:
            fail(f"make {shlex.join(words)} failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")

    return run
