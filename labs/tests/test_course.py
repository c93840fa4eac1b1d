"""The manifests agree with the tree: parts, tests, documents, points and the mutants' texts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from labs.course import Lab, load_course
from labs.parts import ROOT, Form, read_parts
from labs.tree import FLOORS, lab_form, lab_files, mutate, write_tree
from labs.yours import questions

COURSE = load_course(ROOT)
GRADED = [lab for lab in COURSE if lab.exercises and not lab.finished]
PARTS = {part.name: part for part in read_parts(ROOT)[0]}
each_lab = pytest.mark.parametrize("lab", GRADED, ids=lambda lab: lab.name)


def points_by_test(folder: str) -> dict[str, float]:
    """FILE.py::NAME of every test of a lab's folder, with its points."""
    found = {}
    for path in sorted((ROOT / "labs" / folder / "tests").glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [d for d in node.decorator_list if "mark.points" in ast.unparse(d)]
                points = [ast.literal_eval(m.args[0]) for m in marks if isinstance(m, ast.Call)]
                found[f"{path.name}::{node.name}"] = float(sum(points))
    return found


def test_the_labs_are_numbered_in_order() -> None:
    assert [lab.number for lab in COURSE] == sorted({lab.number for lab in COURSE})
    assert all(lab.folder == f"{lab.number:02}-{lab.name}" for lab in COURSE)


@each_lab
def test_every_part_of_a_lab_is_in_one_exercise(lab: Lab) -> None:
    named = [part for exercise in lab.exercises for part in exercise.parts]
    assert sorted(named) == sorted(p for p in PARTS if p.startswith(f"{lab.name}."))
    assert [e.number for e in lab.exercises] == list(range(1, len(lab.exercises) + 1))
    assert 4 <= len(lab.exercises) <= 10


@each_lab
def test_what_a_manifest_names_exists(lab: Lab) -> None:
    here = ROOT / "labs" / lab.folder
    assert lab.floor in FLOORS and lab.reading > 0 and lab.work > 0
    assert all((ROOT / "docs" / name).exists() for name in lab.docs)
    assert all((ROOT / name).exists() for name in [*lab.files, *lab.open])
    assert (here / "handout.md").exists() and (here / "answers.md").exists()
    for earlier in lab.earlier:
        folder, _, test = earlier.test.partition("/tests/")
        assert test in points_by_test(folder), earlier
        assert folder < lab.folder
    assert {v.test for v in lab.variants} <= points_by_test(lab.folder).keys()


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.name)
def test_each_question_has_a_heading(lab: Lab) -> None:
    """`make submit` counts those whose text has changed: "## 1. Title", then the question."""
    text = (ROOT / "labs" / lab.folder / "answers.md").read_text()
    numbered = [title for title in questions(text) if title[0].isdigit()]
    assert [int(title.split(". ")[0]) for title in numbered] == list(range(1, len(numbered) + 1))
    assert 4 <= len(numbered) <= 10
    loose = re.findall(r"^(?:\*\*|#{3,} *)?\d+\..*", text, re.MULTILINE)
    assert not loose, f"{lab.folder}/answers.md has questions without a heading: {loose}"
    empty = [title for title, body in bodies(text).items() if not body.strip()]
    assert not empty, f"{lab.folder}/answers.md has headings with nothing below: {empty}"


def bodies(text: str) -> dict[str, str]:
    """What stands below each heading of an answers.md but the first."""
    pieces = re.split(r"^##+ (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@each_lab
def test_a_lab_has_a_hundred_points(lab: Lab) -> None:
    points = sum(points_by_test(lab.folder).values())
    points += sum(e.points for e in lab.earlier) + sum(v.points for v in lab.variants)
    assert round(points, 6) == 100


@each_lab
def test_mutants_fit_the_reference(lab: Lab) -> None:
    assert len(lab.mutants) >= 8 and len({m.name for m in lab.mutants}) == len(lab.mutants)
    covered = {m.part for m in lab.mutants}
    for exercise in lab.exercises:
        assert covered & set(exercise.parts), f"exercise {exercise.number} has no mutant"
    for mutant in lab.mutants:
        assert mutant.test in points_by_test(lab.folder), mutant.name
        part = PARTS[mutant.part]
        before = list(part.code[Form.SOLUTION])
        mutate(part, mutant)  # raises unless its text stands there once
        assert part.code[Form.SOLUTION] != before, mutant.name
        part.code[Form.SOLUTION] = before


@each_lab
def test_a_lab_s_tree_holds_nothing_of_later_labs(lab: Lab, tmp_path: Path) -> None:
    files = write_tree(ROOT, lab, tmp_path, lab_form(lab, Form.STUB))
    later = {other.folder for other in COURSE if other.number > lab.number}
    floors = FLOORS[FLOORS.index(lab.floor) + 1 :]
    for path in files:
        assert path.parts[0] != "labs" or path.parts[1] not in later, path
        assert path.name != "mutants.toml" and path.parts[:2] not in {("kernel", f) for f in floors}
    text = "".join((tmp_path / f).read_text() for f in files if f.parts[0] in ("kernel", "boot"))
    assert "SOLUTION(" not in text and "UNTIL:" not in text
    assert all(f"BEGIN YOURS({part})" in text for e in lab.exercises for part in e.parts if PARTS[part].path.parts[0] != "user")
    assert lab_files(ROOT, lab)
