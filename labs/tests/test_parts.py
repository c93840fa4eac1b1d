"""The marker parser on texts written here, and on the tree itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labs.parts import ROOT, Form, Part, handout_form, parse, read_parts, render_tree

PATH = Path("kernel/mm/page_table.cc")
TEXT = """\
int before;
    // BEGIN SOLUTION(paging.walk)
    secret();
    // END SOLUTION
    // STUB: panic("paging.walk: yours to write");
    // UNTIL: first();
    // UNTIL:
    // UNTIL:     second();
int after;
"""


def render(text: str, form: Form, brackets: bool = False) -> list[str]:
    return parse(text, PATH).render(lambda part: form, brackets).splitlines()


def test_solution_form_keeps_the_code_only() -> None:
    assert render(TEXT, Form.SOLUTION) == ["int before;", "    secret();", "int after;"]


def test_stub_form_keeps_the_indentation() -> None:
    stub = '    panic("paging.walk: yours to write");'
    assert render(TEXT, Form.STUB) == ["int before;", stub, "int after;"]


def test_until_form_may_have_several_lines() -> None:
    lines = ["int before;", "    first();", "", "        second();", "int after;"]
    assert render(TEXT, Form.UNTIL) == lines


def test_until_form_may_be_absent() -> None:
    text = TEXT.replace("UNTIL", "STUB")
    assert render(text, Form.UNTIL) == ["int before;", "int after;"]


def test_brackets_stand_around_what_students_write() -> None:
    lines = render(TEXT, Form.STUB, brackets=True)
    assert lines[1] == "    // BEGIN YOURS(paging.walk)"
    assert lines[3] == "    // END YOURS(paging.walk)"
    assert render(TEXT, Form.UNTIL, brackets=True) == render(TEXT, Form.UNTIL)


def test_assembly_has_its_own_leader() -> None:
    text = "# BEGIN SOLUTION(thread.switch)\nret\n# END SOLUTION\n# STUB: j stub_reached\n"
    assert parse(text, Path("kernel/thread/switch.S")).faults == []
    assert render(text, Form.STUB) == ["j stub_reached"]


def test_two_parts_may_follow_each_other() -> None:
    assert len(parse(TEXT + TEXT.replace("walk", "map"), PATH).parts) == 2


def test_replaces_is_read() -> None:
    text = TEXT.replace("(paging.walk)", "(memory.fork) replaces=user.fork")
    assert parse(text, PATH).parts[0].replaces == "user.fork"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    // END SOLUTION\n", "", "no END SOLUTION"),
        ("    // BEGIN SOLUTION(paging.walk)\n", "", "END SOLUTION without its BEGIN"),
        ("secret();", "// STUB: x", "a marker inside"),
        ("// STUB:", "// Stub:", "looks like a marker"),
        ("    // STUB:", "  // STUB:", "indented unlike"),
        ("(paging.walk)", "(paging.walk) replace=x", "is not `replaces=NAME`"),
        ("int after;", "int after;\n// UNTIL: x", "follows no solution"),
        ("secret();", "// BEGIN SOLUTION(paging.map)", "begins inside paging.walk"),
    ],
)
def test_malformed_markers_are_named(old: str, new: str, complaint: str) -> None:
    faults = parse(TEXT.replace(old, new, 1), PATH).faults
    assert any(complaint in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        ("kernel/mm/a.cc", "paging.walk", "Paging.walk", "no name of the form"),
        ("kernel/mm/a.cc", "paging.walk", "piping.walk", "the labs are"),
        ("kernel/io/a.cc", "", "", "stands outside"),
        ("kernel/mm/a.cc", "STUB", "UNTIL", "has no STUB"),
    ],
)
def test_rules_are_checked(tmp_path: Path, path: str, old: str, new: str, complaint: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(TEXT.replace(old, new) if old else TEXT)
    assert any(complaint in fault for fault in read_parts(tmp_path)[1])


def test_a_name_stands_once(tmp_path: Path) -> None:
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text(TEXT + TEXT)
    assert any("is also at" in fault for fault in read_parts(tmp_path)[1])


def test_handout_forms_follow_the_order_of_the_labs() -> None:
    def form(part: str) -> Form:
        return handout_form("paging")(Part(part, PATH, 1, "", "//"))

    assert form("frames.free") is Form.SOLUTION
    assert form("paging.walk") is Form.STUB
    assert form("thread.yield") is Form.UNTIL


def test_the_tree_is_well_formed() -> None:
    parts, faults = read_parts(ROOT)
    assert faults == []
    assert len(parts) > 30


def test_rendering_again_touches_only_what_differs(tmp_path: Path) -> None:
    render_tree(ROOT, tmp_path, handout_form("paging"))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "stray.cc").write_text("")
    render_tree(ROOT, tmp_path, handout_form("thread"))
    changed = {p for p, time in before.items() if p.stat().st_mtime_ns != time}
    assert not (tmp_path / "stray.cc").exists()
    assert {p.relative_to(tmp_path).parts[:2] for p in changed} == {
        ("kernel", "mm"),
        ("kernel", "thread"),
    }


def test_the_command_renders_a_tree(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "labs.parts", "render", str(tmp_path / "out")]
    command += ["--lab", "paging"]
    done = subprocess.run([*command, "--brackets"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "kernel/mm/page_table.cc").read_text()
    assert "BEGIN YOURS(paging." in text and "SOLUTION" not in text and "UNTIL:" not in text
