"""A class that does not exist: submissions of every kind, and what each must earn.

    table = build_class(ROOT, folder)       # folder/boot/s07.tar.gz …; a row for each of the 60

The points are known before anything is graded: for mutants from the kill matrix (docs/mutants), for
solutions that end at some exercise from the order of the exercises, else by what the submission is.
A hidden variant passes where its test does. The submissions are the same in every run.
"""

from __future__ import annotations

import ast
import csv
import io
import random
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grading.grader.result import Status
from labs.course import Lab, find_lab
from labs.handout import write_handout
from labs.parts import Form, Part
from labs.submit import gather, write_archive
from labs.tree import lab_form, write_tree

BREAKS = {
    "a brace misses": "\nint unfinished() {\n",
    "no such header": '\n#include "no/such/header.h"\n',
    "an error of the student's own": "\n#error not finished\n",
    "wrong types": '\nint wrong = "text";\n',
    "a promise that is not kept": '\nstatic_assert(sizeof(int) == 8, "an int has eight bytes");\n',
    "a name that nobody defines": (
        "\nextern int nobody_defines_this();\nint uses_it() { return nobody_defines_this(); }\n"
        "extern int (*const keeps_it)();\nint (*const keeps_it)() = uses_it;\n"
    ),
}
# Mutants that some tests notice or not, as their random inputs fall or as harts race at the start: their
# points are not known before.
BY_CHANCE = {
    "any-machine", "entry-by-one-offset", "zeroes-memsz-behind-the-bytes", "always-hart-0",
    "stack-at-its-lower-end",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One submission and what it must earn."""

    student: str
    lab: str
    kind: str
    form: str  # "tar.gz", "zip", "tree" or "git"
    status: Status
    points: float


@dataclass
class Matrix:
    """What is known of a lab before anything is run: each test's points, and who fails it."""

    lab: Lab
    new: dict[str, float] = field(default_factory=dict)  # test: points
    exercise: dict[str, int] = field(default_factory=dict)
    fails: dict[str, set[str]] = field(default_factory=dict)  # mutant: tests

    @property
    def full(self) -> float:
        return self.points(lambda test: True)

    def points(self, passes: Callable[[str], bool]) -> float:
        """With every test of earlier labs passed, and variants as their tests."""
        earned = sum(points for test, points in self.new.items() if passes(test))
        earned += sum(v.points for v in self.lab.variants if passes(v.test))
        return earned + sum(e.points for e in self.lab.earlier)

    def of_mutant(self, name: str) -> float:
        return self.points(lambda test: test not in self.fails[name])

    def up_to(self, exercise: int) -> float:
        """What a solution earns in which only the exercises up to this one are written."""
        if exercise == 0 and self.lab.earlier:
            raise ValueError(f"what of {self.lab.name}'s earlier tests an untouched tree passes is not known")
        return self.points(lambda test: self.exercise[test] <= exercise)


def read_matrix(root: Path, lab: Lab) -> Matrix:
    """From the marks of the tests and the page of the book that `make verify-labs` writes."""
    matrix = Matrix(lab)
    for path in sorted((root / "labs" / lab.folder / "tests").glob("test_*.py")):
        for item in ast.parse(path.read_text()).body:
            for mark in getattr(item, "decorator_list", []):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.points":
                    name = f"{path.name}::{item.name}"  # type: ignore[attr-defined]
                    matrix.new[name] = float(ast.literal_eval(mark.args[0]))
                    words = {k.arg: k.value for k in mark.keywords}
                    matrix.exercise[name] = ast.literal_eval(words["exercise"])
    page = (root / "docs" / "mutants" / f"{lab.folder}.md").read_text()
    # By the functions' names: a test may have moved to another file since the page was written.
    files = {name.split("::")[1]: name for name in matrix.new}
    tests = [files.get(name, name) for name in re.findall(r"^\d+\. `.+::(.+)`$", page, re.MULTILINE)]
    if set(tests) != set(matrix.new):
        odd = ", ".join(sorted(set(tests) ^ set(matrix.new)))
        raise ValueError(f"docs/mutants/{lab.folder}.md is not of the tests that there are ({odd}): make verify-labs")
    for name, cells in re.findall(r"^\| ([\w-]+): .*? \|((?: \*{0,2}[FPTsE. ]\*{0,2} \|)+)$", page, re.MULTILINE):
        marks = [cell.strip(" *") for cell in cells.split("|")[:-1]]
        matrix.fails[name] = {test for test, mark in zip(tests, marks, strict=True) if mark != "."}
    if set(matrix.fails) != {mutant.name for mutant in lab.mutants}:
        raise ValueError(f"docs/mutants/{lab.folder}.md is not of the mutants that there are: make verify-labs")
    return matrix


class Desk:
    """Where the students of one lab write: their handout, and any form of its parts."""

    def __init__(self, root: Path, lab: Lab, folder: Path) -> None:
        self.root, self.lab, self.folder = root, lab, folder
        self.handout = folder / "handout"
        self.handout.mkdir(parents=True)
        self.record = write_handout(root, lab, self.handout)

    def _exercise(self, part: Part) -> int:
        exercise = self.lab.exercise_of(part.name)
        return exercise.number if exercise else 0

    def tree(self, name: str, last: int, mutant: str = "") -> Path:
        """A student's tree with the exercises up to `last` written, perhaps one of them wrong."""
        others = lab_form(self.lab, Form.STUB)

        def choose(part: Part) -> Form:
            return Form.SOLUTION if 0 < self._exercise(part) <= last else others(part)

        wrong = next((m for m in self.lab.mutants if m.name == mutant), None)
        written = self.folder / "written"
        write_tree(self.root, self.lab, written, choose, wrong)
        tree = self.folder / name
        shutil.copytree(self.handout, tree)
        for path in self.record.listed:
            if (written / path).exists():
                shutil.copy(written / path, tree / path)
        with (tree / "answers.md").open("a") as answers:
            answers.write(f"\nWritten by {name}.\n")
        return tree

    def break_file(self, tree: Path, text: str) -> None:
        """Adds the text to a file of the lab's own."""
        own = next(part.path for part in sorted(self.record.parts.values(), key=lambda p: p.path)
                   if part.stub and part.path.endswith(".cc"))  # fmt: skip
        with (tree / own).open("a") as file:
            file.write(text)


def hand_in(tree: Path, target: Path, form: str) -> None:
    """As students do it: by `make submit`, as a zip of the tree, as the tree, as a checkout."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if form == "tar.gz":
        write_archive(gather(tree), target.with_name(f"{target.name}.tar.gz"))
    elif form == "zip":
        with zipfile.ZipFile(target.with_name(f"{target.name}.zip"), "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in sorted(p for p in tree.rglob("*") if p.is_file()):
                info = zipfile.ZipInfo(f"{target.name}/{path.relative_to(tree)}", (2026, 3, 1, 12, 0, 0))
                zipped.writestr(info, path.read_bytes())
    else:
        shutil.copytree(tree, target, symlinks=True)
        if form == "git":
            from labs.repository import commit_all

            commit_all(target, "My work")


def _letter(path: Path) -> None:
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("letter.txt")
        info.size = len(b"I was ill.")
        tar.addfile(info, io.BytesIO(b"I was ill."))


def _hollow(path: Path) -> None:
    kind = zipfile.ZipFile(path, "w") if path.suffix == ".zip" else tarfile.open(path, "w:gz")
    kind.close()


# Nothing that could be graded: what it is, the archive's ending, and who writes it.
NOTHING: list[tuple[str, str, Callable[[Path], object]]] = [
    ("an empty archive", "tar.gz", _hollow),
    ("an empty zip", "zip", _hollow),
    ("an archive with a letter", "tar.gz", _letter),
    ("an empty file", "tar.gz", lambda path: path.write_bytes(b"")),
    ("random bytes", "tar.gz", lambda path: path.write_bytes(random.Random(1).randbytes(5000))),
    ("a page that asks to log in", "zip", lambda path: path.write_text("<html>Please log in</html>")),
]


class Writer:
    """Gives each submission a student and a row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

    @property
    def student(self) -> str:
        return f"s{len(self.rows) + 1:02}"

    def add(
        self, desk: Desk, kind: str, points: float, last: int, mutant: str = "", spoil: str = "", form: str = "",
        also: Callable[[Path], object] | None = None,
    ) -> Path:  # fmt: skip
        """One student's tree, handed in one way or another; returns where."""
        form = form or ("tar.gz", "tar.gz", "zip", "tree", "git")[len(self.rows) % 5]
        place = self.folder / desk.lab.name / self.student
        tree = desk.tree(place.name, last, mutant)
        if spoil:
            desk.break_file(tree, spoil)
        if also:
            also(tree)
        hand_in(tree, place, form)
        shutil.rmtree(tree)
        status = Status.NOT_BUILT if spoil else Status.GRADED
        self.rows.append(Row(place.name, desk.lab.name, kind, form, status, 0.0 if spoil else points))
        return place.with_name(f"{place.name}.{form}") if form in ("tar.gz", "zip") else place

    def add_nothing(self, lab: str, kind: str, form: str, write: Callable[[Path], object]) -> None:
        path = self.folder / lab / f"{self.student}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        self.rows.append(Row(self.student, lab, kind, form, Status.REJECTED, 0.0))

    def cut(self, desk: Desk, form: str) -> None:
        """An archive of which only the first third arrived."""
        path = self.add(desk, f"a third of a {form}", 0.0, len(desk.lab.exercises), form=form)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        self.rows[-1] = Row(path.name.split(".")[0], desk.lab.name, self.rows[-1].kind, form, Status.REJECTED, 0.0)


def _meddle(tree: Path) -> None:
    """Edits what is not the student's: none of it may count."""
    for name in ("Makefile", "kernel/kernel.ld", "labs/grade.py", "labs/course.py"):
        (tree / name).write_text("# mine\n")
    for path in tree.glob("labs/*/tests/*.py"):
        path.write_text("def test_passes(): pass\n")


def _boot(writer: Writer, desk: Desk, matrix: Matrix, size: str) -> None:
    """Most of the class: its tests are the quickest."""
    last = len(desk.lab.exercises)
    mutants = [mutant.name for mutant in desk.lab.mutants if mutant.name not in BY_CHANCE]
    mutants += mutants[:5]  # two students with one mistake
    small = size == "small"
    for _ in range(1 if small else 10):
        writer.add(desk, "reference", matrix.full, last)
    for _ in range(1 if small else 6):
        writer.add(desk, "untouched", matrix.up_to(0), 0)
    for name in ["ram-by-its-start"] if small else mutants:
        writer.add(desk, f"mutant {name}", matrix.of_mutant(name), last, name)
    for exercise in [3] if small else range(1, last):
        writer.add(desk, f"up to exercise {exercise}", matrix.up_to(exercise), exercise)
    for kind, text in list(BREAKS.items())[: 1 if small else None]:
        writer.add(desk, f"not built: {kind}", 0.0, last, spoil=text)
    for kind, form, write in NOTHING[-2:-1] if small else NOTHING:
        writer.add_nothing(desk.lab.name, kind, form, write)
    if not small:
        writer.cut(desk, "tar.gz")
        writer.cut(desk, "zip")
        writer.add(desk, "reference, and edits of what is not the student's", matrix.full, last, form="zip", also=_meddle)


def _frames(writer: Writer, desk: Desk, matrix: Matrix) -> None:
    """A later lab, with tests of earlier ones."""
    last = len(desk.lab.exercises)
    writer.add(desk, "reference", matrix.full, last)
    for name in ("last-page-lost", "blocks-counted"):
        writer.add(desk, f"mutant {name}", matrix.of_mutant(name), last, name)
    writer.add(desk, "not built: a brace misses", 0.0, last, spoil=BREAKS["a brace misses"])


def build_class(root: Path, folder: Path, size: str = "whole") -> list[Row]:
    """Writes the class below the new folder `folder`, and expected.csv beside it.

    "small" are six submissions of Lab 1; "whole" are 60, most of Lab 1, some of Lab 3.
    """
    writer = Writer(folder)
    with tempfile.TemporaryDirectory(prefix="goose-class-") as desks:
        boot = find_lab("boot", root)
        _boot(writer, Desk(root, boot, Path(desks) / "boot"), read_matrix(root, boot), size)
        if size == "whole":
            frames = find_lab("frames", root)
            _frames(writer, Desk(root, frames, Path(desks) / "frames"), read_matrix(root, frames))
    with folder.with_name(f"{folder.name}-expected.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", "lab", "kind", "form", "status", "points"])
        table.writerows([r.student, r.lab, r.kind, r.form, r.status.value, r.points] for r in writer.rows)
    return writer.rows
