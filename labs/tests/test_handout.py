"""Handouts: what is in them, what must not be, and that they are the same everywhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from labs.course import CourseError, find_lab
from labs.handout import PACKAGES, part_form
from labs.leaks import find_leaks, says_something
from labs.parts import ROOT
from labs.tests.small_course import cut, git, make_course, write
from labs.yours import read_record, take_apart


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def test_own_parts_are_stubs_and_later_ones_are_absent(course: Path, tmp_path: Path) -> None:
    out = cut(course, "frames", tmp_path / "out")
    text = (out / "kernel/mm/frame.cc").read_text()
    assert '    // BEGIN YOURS(frames.allocate)\n    panic("frames.allocate: exercise 1: yours' in text
    assert "taken_block" not in text
    table = (out / "kernel/mm/page_table.cc").read_text()
    assert "YOURS" not in table and "panic_later" in table and "follow_level" not in table


def test_earlier_parts_are_solved_or_stubs(course: Path, tmp_path: Path) -> None:
    solved = cut(course, "paging", tmp_path / "solved") / "kernel/mm/frame.cc"
    assert "BEGIN YOURS(frames.allocate)\n    int taken_block" in solved.read_text()
    stubs = cut(course, "paging", tmp_path / "stubs", unsolved=True) / "kernel/mm/frame.cc"
    assert "taken_block" not in stubs.read_text() and "yours to write" in stubs.read_text()


def test_it_has_its_texts_and_nothing_of_other_labs(course: Path, tmp_path: Path) -> None:
    out = cut(course, "frames", tmp_path / "out")
    assert (out / "LAB.md").read_text() == "# 03-frames\n"
    for name in ("README.md", "answers.md", "Containerfile", ".devcontainer/devcontainer.json"):
        assert (out / name).is_file(), name
    assert not list(out.rglob("mutants.toml"))
    assert not (out / "labs/04-paging").exists()
    assert "Before your first edit `make qemu`" in (out / "README.md").read_text()
    assert "$" not in (out / "Containerfile").read_text()


def test_links_to_what_is_not_there_become_text(course: Path, tmp_path: Path) -> None:
    page = "# Memory\n\nSee [Tables](tables.md), [here](mm.md#top), [x](https://x.example/a.md), `a[i](b)`.\n"
    write(course, {"docs/mm.md": page, "docs/tables.md": "# Tables\n"})
    out = cut(course, "frames", tmp_path / "out")
    assert (out / "docs/mm.md").read_text() == page.replace("[Tables](tables.md)", "Tables")


def test_a_text_of_the_lab_may_link_to_nothing_that_is_not_there(course: Path, tmp_path: Path) -> None:
    write(course, {"labs/03-frames/handout.md": "# A lab\n\nRead [this](docs/tables.md).\n"})
    with pytest.raises(CourseError, match="LAB.md links to docs/tables.md"):
        cut(course, "frames", tmp_path / "out")


def test_it_is_one_commit_that_is_the_same_everywhere(course: Path, tmp_path: Path) -> None:
    first, second = (cut(course, "frames", tmp_path / name) for name in ("first", "second"))
    assert git(first, "log", "--format=%an %ae %aI %s").strip() == (
        "goose labs labs@goose.invalid 2026-01-01T00:00:00+00:00 Lab 3: Frames"
    )
    assert git(first, "rev-parse", "HEAD") == git(second, "rev-parse", "HEAD")
    assert git(first, "status", "--porcelain") == ""
    assert not (first / ".git/hooks").exists()


def test_an_existing_folder_is_refused(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, {"mine.txt": "precious"})
    with pytest.raises(CourseError, match="not empty"):
        cut(course, "frames", out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    (out / "mine.txt").unlink()
    cut(course, "frames", out)


LEAKS = {
    "docs/mm.md": "# Memory\n\n    int taken_block = split_the_larger(order);\n",
    "labs/03-frames/tests/test_frames.py": "HINT = 'return join_with_buddy(frame, order_of(frame));'\n",
    "labs/03-frames/handout.md": "The next lab: `return follow_level(root_table, address >> 30);`\n",
    "labs/03-frames/kernel/probe.cc": "int probe;\n// BEGIN SOLUTION(frames.probe)\n",
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_refused_by_file_and_line(course: Path, tmp_path: Path, name: str) -> None:
    write(course, {name: LEAKS[name]})
    shown = "LAB.md" if name.endswith("handout.md") else name
    line = next(n for n, text in enumerate(LEAKS[name].split("\n"), 1) if "(" in text)
    with pytest.raises(CourseError, match=rf"(?s){shown}:{line}: a (line of the solution|marker)"):
        cut(course, "frames", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out.*"))


def test_damaged_markers_are_refused(course: Path, tmp_path: Path) -> None:
    write(course, {"kernel/main.cc": "int main() {}\n// BEGIN SOLUTION(frames.more)\n"})
    with pytest.raises(CourseError, match="kernel/main.cc:2: frames.more has no END SOLUTION"):
        cut(course, "frames", tmp_path / "out")


def test_a_line_that_stands_elsewhere_too_is_no_leak(course: Path, tmp_path: Path) -> None:
    line = "int taken_block = split_the_larger(order);"
    write(course, {"kernel/mm/heap.cc": f"{line}\n", "docs/mm.md": f"    {line}\n"})
    cut(course, "frames", tmp_path / "out")


def test_lines_that_everyone_writes_give_nothing_away() -> None:
    for line in ("}", "return {};", "    return nullptr;", "for (unsigned i = 0; i < count; i++) {"):
        assert not says_something(line), line
    assert says_something("pte->set(Pte::make(to, flags | kAlwaysSet));")


def test_names_of_this_machine_are_a_leak(course: Path, tmp_path: Path) -> None:
    write(course, {"docs/mm.md": f"built in {course}\n"})
    with pytest.raises(CourseError, match="docs/mm.md:1: names a folder of this machine"):
        cut(course, "frames", tmp_path / "out")


def test_binaries_are_searched_for_lines_and_debug_information(course: Path, tmp_path: Path) -> None:
    out = cut(course, "frames", tmp_path / "out")
    lab = find_lab("frames", course)
    (out / "a.bin").write_bytes(b"\xff\xfe\0 return join_with_buddy(frame, order_of(frame));\0")
    source = tmp_path / "x.c"
    source.write_text("int value = 1; int main(void) { return value; }\n")
    subprocess.run(["gcc", "-g", "-o", out / "b.bin", source], check=True)
    leaks = "\n".join(find_leaks(course, lab, part_form(lab, False), out))
    assert "a.bin:0: a line of the solution of frames.free" in leaks
    assert "b.bin:0: debug information: .debug_info" in leaks
    assert "b.bin:0: a symbol that is no function: value" in leaks


def test_history_may_hold_nothing_but_the_files(course: Path, tmp_path: Path) -> None:
    out = cut(course, "frames", tmp_path / "out")
    lab = find_lab("frames", course)
    subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=out, input=b"x", check=True)
    leaks = find_leaks(course, lab, part_form(lab, False), out)
    assert len(leaks) == 1 and "an object of no commit" in leaks[0]


def test_the_record_says_what_is_the_students(course: Path, tmp_path: Path) -> None:
    record = read_record(cut(course, "paging", tmp_path / "out"))
    assert record.listed == ["kernel/mm/frame.cc", "kernel/mm/frame.h", "kernel/mm/page_table.cc"]
    assert record.open == ["kernel/mm"]
    assert record.parts["paging.walk"].stub and not record.parts["frames.free"].stub
    assert len(record.answers) == 2


def test_assembly_has_its_own_leader() -> None:
    apart = take_apart("a\n    # BEGIN YOURS(boot.stack)\n    la sp, x\n    # END YOURS(boot.stack)\nb\n", Path("x.S"))
    assert apart.parts[0].code == ["    la sp, x"] and not apart.faults
    assert apart.lines == ["a", "@@ YOURS(boot.stack) @@", "b"]


def test_packages_cover_what_make_asks_for() -> None:
    makefile = (ROOT / "Makefile").read_text() + (ROOT / "labs/student.mk").read_text()
    for line in makefile.replace("\\\n", "").splitlines():
        if line.startswith(("RUN_PACKAGES", "GRADE_PACKAGES")):
            for word in line.split("=")[1].split():
                package = word.split(":")[-1]
                assert package.startswith("$") or package in PACKAGES, package
    assert {"g++-riscv64-linux-gnu", "e2fsprogs", "cpio"} <= set(PACKAGES)


def test_the_command_line_makes_one(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "labs", "handout", "nonsense", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no lab 'nonsense'" in done.stderr
