"""What the tests of the real labs share: one folder in which every tree is built in turn."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import BUILD, alone

COMPILED = {".o", ".d"}


class Bench:
    """A folder that becomes one tree after the other, so that make compiles only what differs.

    Of what was built for the tree before, only objects stay, and what they are made with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def become(self, tree: Path) -> None:
        """Makes the folder what `tree` is, git's files included; equal files are left alone."""
        wanted = _files(tree)
        here = _files(self.folder)
        for path in here - wanted:
            if not _stays(path):
                (self.folder / path).unlink()
        for path in wanted:
            target, content = self.folder / path, (tree / path).read_bytes()
            if path not in here or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            shutil.copymode(tree / path, target)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """make in the folder, on all cores, with nothing of this run in its environment."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE"))}
        return subprocess.run(
            ["make", f"-j{os.cpu_count()}", "--no-print-directory", *words],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=600,
        )


def _files(folder: Path) -> set[Path]:
    return {p.relative_to(folder) for p in folder.rglob("*") if p.is_file() or p.is_symlink()}


def _stays(path: Path) -> bool:
    """Whether a file of no tree is one that the next tree's objects are made of."""
    made = path.parts[0] == "build" and len(path.parts) > 1
    return made and (path.suffix in COMPILED or path.parts[1] == "gen" or path.name[:6] == "flags.")


@contextmanager
def _bench(name: str) -> Iterator[Bench]:
    """One folder for all workers, and for the next run; nobody else has it meanwhile."""
    with alone(BUILD / f"{name}.lock"):
        folder = BUILD / name
        folder.mkdir(parents=True, exist_ok=True)
        yield Bench(folder)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Where the labs' trees are built."""
    with _bench("bench") as bench:
        yield bench


@pytest.fixture
def forms_bench() -> Iterator[Bench]:
    """Where whole trees are built that differ from those of labs in nearly every object."""
    with _bench("bench-forms") as bench:
        yield bench
