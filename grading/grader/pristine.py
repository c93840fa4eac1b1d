"""The lab as the grader has it: its trees, a build of it, and the list of its tests.

    pristine = prepare(ROOT, find_lab("paging"), work / "cache")

Kept by content: made once for a state of the course and of the tools, by the grader itself, outside
of every jail, and only read from then on. `source` is what student code is built in: no tests, no
Python, no inputs. `tests` is where the tests run, and no jail shows it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grading.grader.overlay import Keep
from labs.course import CourseError, Lab
from labs.handout import listed, part_form
from labs.repository import set_modes
from labs.system import write_system
from labs.tree import write_tree

PYTHON = "/usr/bin/python3"
CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
TOP = {"Makefile", "lab.mk", "layers.mk"}  # files of the tree's top that the build reads
FORM = "1"  # changes when this file makes something else of the same course


class PristineError(Exception):
    """The lab's own tree cannot be written or built: nobody can be graded. The message says why."""


@dataclass(frozen=True)
class Planned:
    """A test as it will run: the node's id, its part of the points, and the texts for reports."""

    id: str
    test: str
    title: str
    kind: str
    exercise: int
    points: float


@dataclass(frozen=True)
class Pristine:
    """See above. `source` has the pristine build in build/."""

    source: Path
    tests: Path
    keep: Keep
    plan: tuple[Planned, ...]

    def files(self) -> dict[str, bytes]:
        """The files of the lab's tree, to compare a submission with."""
        return _contents(self.tests)


def _contents(tree: Path) -> dict[str, bytes]:
    paths = [path for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(tree)): path.read_bytes() for path in paths}


def in_build(path: Path) -> bool:
    """Whether a file of the lab's tree belongs into the one that student code is built in."""
    top = path.parts[0]
    if path.suffix == ".py":
        return False
    if len(path.parts) == 1:
        return path.name in TOP
    if top == "labs":
        return path.parts[2:3] in (("kernel",), ("user",)) or path.name in ("student.mk", "lab.h")
    if top == "boot":
        return "tests" not in path.parts
    if top == "tools":
        return path.suffix in (".awk", ".mk", ".sh")
    return top in ("kernel", "user", "finished")


def tool_versions() -> dict[str, str]:
    """The first line of what each tool says of itself."""
    versions = {}
    for name, tool in (("compiler", f"{CROSS}g++"), ("linker", f"{CROSS}ld"), ("make", "make"),
                       ("qemu", "qemu-system-riscv64")):  # fmt: skip
        try:
            done = subprocess.run([tool, "--version"], capture_output=True, text=True)
        except FileNotFoundError:
            raise PristineError(f"{tool} is not installed; `make doctor` says more") from None
        versions[name] = done.stdout.split("\n")[0]
    return versions


def clean_environment() -> dict[str, str]:
    """The environment for programs of ours: without make's and goose's variables."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GOOSE_", "PYTEST_"))}
    return kept | {"LC_ALL": "C.UTF-8"}


def _run(what: str, command: list[str], cwd: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        text = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise PristineError(f"{what} failed (status {done.returncode}):\n{text}")


def _plan(tests: Path, lab: Lab) -> None:
    """Writes plan.json beside the tree: pytest collects and runs nothing."""
    target = tests.parent / "plan.json"
    command = [PYTHON, "-m", "pytest", "-c", "labs/grade.ini", "--rootdir", ".", "-p", "no:cacheprovider"]
    command += ["--variants", "--plan", str(target), "--collect-only", "-q", f"labs/{lab.folder}/tests"]
    command += [f"labs/{e.test}" for e in lab.earlier]
    environment = clean_environment() | {"PYTHONPATH": str(tests), "GOOSE_BUILD": str(tests / "no-build")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # this run compiles the tests for all that follow
    _run(f"collecting the tests of lab {lab.name}", command, tests, environment)


def _digest(tree: Path, *more: str) -> str:
    total = hashlib.sha256(" ".join([FORM, *more]).encode())
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(tree)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:32]


def _write(root: Path, lab: Lab, draft: Path, unsolved: bool) -> None:
    """Writes both trees into the folder, and what students may change."""
    tests, source = draft / "lab" / "tests", draft / "source"
    tests.mkdir(parents=True)
    write_tree(root, lab, tests, part_form(lab, unsolved))
    if lab.finished:
        write_system(root, tests / "finished")
    for path in sorted(path for path in tests.rglob("*") if path.is_file()):
        inside = path.relative_to(tests)
        if in_build(inside):
            (source / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, source / inside)
    files, folders = listed(root, lab)
    kept = [name for name in files if (tests / name).exists()]
    (draft / "lab" / "keep.json").write_text(json.dumps([kept, folders]))
    set_modes(draft)


def _read(source: Path, folder: Path) -> Pristine:
    files, folders = json.loads((folder / "keep.json").read_text())
    plan = tuple(Planned(**row) for row in json.loads((folder / "plan.json").read_text()))
    return Pristine(source, folder / "tests", Keep(frozenset(files), tuple(folders)), plan)


def _once(draft: Path, place: Path, make: Callable[[], None]) -> None:
    """Finishes a draft and puts it in its place, unless somebody has."""
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            make()
            draft.rename(place)


@lru_cache(maxsize=32)
def prepare(root: Path, lab: Lab, cache: Path, unsolved: bool = False) -> Pristine:
    """The lab's trees and build, from the cache or made now. `unsolved`: earlier parts are stubs too."""
    cache = cache.absolute()
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{lab.name}-", dir=cache))
    try:
        _write(root, lab, draft, unsolved)
        source = cache / f"{lab.name}-build-{_digest(draft / 'source', *sorted(tool_versions().values()))}"
        folder = cache / f"{lab.name}-{_digest(draft / 'lab')}"
        command = ["make", "--no-print-directory", f"-j{os.cpu_count()}", "grade-build"]
        _once(draft / "source", source, lambda: _run(
            f"building lab {lab.name}", command, draft / "source", clean_environment()))  # fmt: skip
        _once(draft / "lab", folder, lambda: _plan(draft / "lab" / "tests", lab))
        return _read(source, folder)
    except CourseError as error:
        raise PristineError(str(error)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
