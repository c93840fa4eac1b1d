"""What is handed to programs that look for copied code."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading.grader.plan import Task
from grading.grader.similarity import compare, export, own_lines
from grading.tests.synthetic import Desk, hand_in
from labs.course import ROOT, find_lab


def test_own_lines_are_what_the_handout_has_not() -> None:
    base = "int a;\n// BEGIN YOURS(x.y)\n    panic();\n// END YOURS(x.y)\nint b;\n"
    text = "int a;\n// BEGIN YOURS(x.y)\n    int c = 1;\n\n    d(c);\n// END YOURS(x.y)\nint b;\nint e;\n"
    assert own_lines(base, text) == ["    int c = 1;", "    d(c);", "int e;"]
    assert own_lines(base, base) == []


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Two of the same code, one who wrote one exercise, one who wrote none, and nonsense."""
    folder = tmp_path_factory.mktemp("similarity")
    desk = Desk(ROOT, find_lab("boot"), folder / "desk")
    tasks = []
    for student, last, form in (("ada", 8, "tar.gz"), ("eve", 8, "zip"), ("kim", 1, "tree"), ("none", 0, "tar.gz")):
        hand_in(desk.tree(student, last), folder / "class" / student, form)
    tree = desk.tree("long", 0)
    (tree / "boot" / "elf_loader.cc").write_text("}\n" * 300_000)
    hand_in(tree, folder / "class" / "long", "zip")
    (folder / "class" / "bad.zip").write_text("no zip")
    for path in sorted((folder / "class").iterdir()):
        student = path.name.split(".")[0]
        tasks.append(Task("boot", student, path.name, path, datetime.now(UTC), ""))
    left_out = export(ROOT, tasks, folder / "out", folder / "work")
    return folder / "out" / "boot", left_out


def test_the_layout_is_jplags(exported: tuple[Path, list[str]]) -> None:
    """A folder for each student, the handout's code apart; nothing of the grader's."""
    folder, _ = exported
    assert sorted(path.name for path in (folder / "submissions").iterdir()) == ["ada", "eve", "kim", "long", "none"]
    for place in (folder / "base", folder / "submissions" / "ada"):
        assert (place / "boot" / "elf_loader.cc").is_file()
        assert not list(place.rglob("*.py"))
    assert "yours to write" in (folder / "base" / "boot" / "elf_loader.cc").read_text()
    assert "yours to write" not in (folder / "submissions" / "ada" / "boot" / "elf_loader.cc").read_text()


def test_what_cannot_be_compared_is_said(exported: tuple[Path, list[str]]) -> None:
    _, left_out = exported
    assert len(left_out) == 3
    assert left_out[0].startswith("bad.zip: ")
    assert left_out[1].startswith("long.zip: has 30") and "look at it" in left_out[1]
    assert left_out[2] == "none.tar.gz: has nothing that the handout has not"


def test_equal_work_is_found(exported: tuple[Path, list[str]]) -> None:
    folder, _ = exported
    pairs = compare(folder.parent, ["boot"], 60)
    assert pairs and pairs[0].percent >= 95
    assert all({pair.one, pair.other} == {"ada", "eve"} for pair in pairs)
