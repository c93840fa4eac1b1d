"""What the spoof suite stands on: real handouts in memory, ways to hand them in, and one grading.

    bench = Bench(ROOT, work)
    tree = bench.tree("paging", solved=True)
    seen = bench.grade(spoof, "user", tmp_path)
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from grading.grader.build import Bounds
from grading.grader.one import Job, grade_one
from grading.grader.result import Result, Status
from labs.course import find_lab
from labs.handout import write_handout
from labs.solve import solve

Tree = dict[str, bytes]
SCALE = float(os.environ.get("GOOSE_TIME_SCALE", "4"))
# What must never come out of a grading, whatever was tried.
SECRET, OTHERS = b"c1a55-s3cret-of-this-class", "the-work-of-an0ther-student"


@dataclass(frozen=True)
class Place:
    """Files of the host that a spoof reaches for. `canary` must stay as it is: not there."""

    root: Path
    folder: Path

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    @property
    def secret(self) -> Path:
        return self.folder / "class-secret"

    @property
    def other(self) -> Path:
        """Another student's submission."""
        return self.folder / "submissions" / "other" / "page_table.cc"

    def make(self) -> None:
        self.other.parent.mkdir(parents=True)
        self.other.write_text(f"// {OTHERS}\n")
        self.secret.write_bytes(SECRET)


Edit = Callable[[Tree, Place], None]
Pack = Callable[[Tree, Path, Place], Path]


@dataclass(frozen=True)
class Spoof:
    """One hostile submission. `earns` is what the honest work in it deserves of `tests`."""

    name: str
    lab: str
    edit: Edit
    seen: tuple[str, ...]  # regular expressions: each must match in what the report says
    tests: tuple[str, ...]  # those that are run; all if none
    solved: bool = False
    earns: float = 0.0
    status: Status = Status.GRADED
    pack: Pack | None = None
    bounds: Bounds = field(default_factory=Bounds)
    quick: bool = False  # small enough for `make test`


@contextmanager
def alone(lock: Path):  # type: ignore[no-untyped-def]
    """One process at a time in here."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Bench:
    """Real handouts, made once, and gradings that share their builds."""

    def __init__(self, root: Path, work: Path) -> None:
        self.root, self.work = root, work

    @cache
    def _handout(self, lab: str, solved: bool) -> Tree:
        with alone(self.work / f"handout-{lab}.lock"), tempfile.TemporaryDirectory() as name:
            out = Path(name)
            write_handout(self.root, find_lab(lab, self.root), out)
            if solved:
                solve(self.root, out)
            paths = [path for path in out.rglob("*") if path.is_file()]
            return {str(path.relative_to(out)): path.read_bytes() for path in paths}

    def tree(self, lab: str, solved: bool) -> Tree:
        """A copy of the lab's handout, or of its solution."""
        return dict(self._handout(lab, solved))

    def grade(self, spoof: Spoof, jail: str, folder: Path) -> tuple[Result, Place]:
        place = Place(self.root, folder)
        place.make()
        tree = self.tree(spoof.lab, spoof.solved)
        spoof.edit(tree, place)
        submission = (spoof.pack or as_tar)(tree, folder / "submissions", place)
        job = Job(
            root=self.root, lab=spoof.lab, submission=submission, student="mallory", secret=SECRET,
            work=self.work, jail=jail, time_scale=SCALE, tests=spoof.tests, bounds=spoof.bounds,
        )  # fmt: skip
        return grade_one(job), place


def said(result: Result) -> str:
    """All that a report has of the submission."""
    tests = [f"{t.verdict} {t.text}\n{t.hint}\n{t.console}" for t in result.tests]
    return "\n".join([*result.notes, result.build.log, *tests])


def document(result: Result) -> str:
    return json.dumps(asdict(result))


# Ways to hand in.


def add(tar: tarfile.TarFile, name: str, content: bytes = b"", **fields: object) -> None:
    """A member with any header: TarInfo's fields as they are given."""
    member = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(member, key, value)
    member.size = len(content) if member.isreg() else 0
    tar.addfile(member, io.BytesIO(content) if member.isreg() else None)


def as_tar(tree: Tree, folder: Path, place: Place) -> Path:
    """The whole tree, as one would pack it."""
    path = folder / "mallory.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in sorted(tree.items()):
            add(tar, name, content)
    return path


def as_folder(tree: Tree, folder: Path, place: Place) -> Path:
    path = folder / "mallory"
    for name, content in tree.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


# Ways to edit.


def replace(tree: Tree, name: str, old: str, new: str) -> None:
    """`old`, which stands in the file, becomes `new`."""
    text = tree[name].decode()
    assert text.count(old) >= 1, f"{name} has no {old!r}"
    tree[name] = text.replace(old, new, 1).encode()


