"""make next: what a student wrote survives, what clashes is shown, and nothing is ever lost."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from labs.carry import Report, carry, main
from labs.course import CourseError
from labs.tests.small_course import cut, edit, fill_in, git, make_course, write

FRAME = "kernel/mm/frame.cc"
MINE = "    int mine = own_idea(order);\n    return mine;"


class Desk:
    """The course, the next handout, and a student's tree of lab frames with exercise 1 done."""

    def __init__(self, folder: Path) -> None:
        self.course = make_course(folder / "course")
        self.work = cut(self.course, "frames", folder / "work")
        self.out = folder / "out"
        fill_in(self.work / FRAME, "frames.allocate", MINE)

    @property
    def next(self) -> Path:
        """The next handout, cut when it is first asked for, so that tests can change the course."""
        path = self.out.parent / "next"
        return path if path.exists() else cut(self.course, "paging", path)

    def carry(self) -> Report:
        return carry(self.work, str(self.next), self.out)

    def text(self, name: str = FRAME) -> str:
        return (self.out / name).read_text()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_code_in_the_parts_is_carried(desk: Desk) -> None:
    report = desk.carry()
    assert f"BEGIN YOURS(frames.allocate)\n{MINE}\n    // END YOURS" in desk.text()
    assert report.parts == 1 and not report.clashes and not report.not_carried
    assert report.kept == [f"frames.free ({FRAME}:19)"]
    assert "join_with_buddy" in desk.text()  # not written: the handout's stands
    assert '"paging.walk: exercise 1' in desk.text("kernel/mm/page_table.cc")


def test_edits_outside_the_parts_are_merged(desk: Desk) -> None:
    edit(desk.work / FRAME, '#include "mm/frame.h"', '#include "mm/frame.h"\n#include "mm/mine.h"')
    edit(desk.work / "kernel/mm/frame.h", "take_frame(int order);", "take_frame(int order, int why);")
    edit(desk.course / FRAME, "int after_give() { return 2; }", "int after_give() { return 3; }")
    report = desk.carry()
    assert '#include "mm/mine.h"' in desk.text() and "return 3;" in desk.text()
    assert "int why" in desk.text("kernel/mm/frame.h")
    assert report.merged == [FRAME, "kernel/mm/frame.h"] and not report.clashes


def test_a_clash_has_both_sides_and_is_listed(desk: Desk) -> None:
    edit(desk.work / FRAME, "// It has several lines.", "// I have changed it.")
    edit(desk.course / FRAME, "// It has several lines.", "// The course has changed it.")
    report = desk.carry()
    assert "I have changed it" in desk.text() and "The course has changed it" in desk.text()
    line = desk.text().split("\n").index("<<<<<<< yours") + 1
    assert report.clashes == [f"{FRAME}:{line}: your edit and the next handout's"]
    assert any("CLASHES" in row for row in report.lines(desk.out))
    assert desk.text().count(MINE) == 1


def test_new_files_in_open_folders_are_carried(desk: Desk) -> None:
    write(desk.work, {"kernel/mm/mine.h": "#pragma once\n", "kernel/cpu/mine.h": "\n"})
    edit(desk.work / "kernel/main.cc", "{}", "{ }")
    report = desk.carry()
    assert report.added == ["kernel/mm/mine.h"]
    assert desk.text("kernel/mm/mine.h") == "#pragma once\n"
    assert report.not_carried == ["kernel/cpu/mine.h: new", "kernel/main.cc: edited"]
    assert not (desk.out / "kernel/cpu/mine.h").exists()


def test_a_new_file_that_the_next_handout_has_too(desk: Desk) -> None:
    write(desk.work, {"kernel/mm/slab.cc": "int mine;\n"})
    write(desk.course, {"kernel/mm/slab.cc": "int theirs;\n"})
    report = desk.carry()
    assert report.clashes == ["kernel/mm/slab.cc:1: your edit and the next handout's"]
    assert "int mine;" in desk.text("kernel/mm/slab.cc")
    assert "int theirs;" in desk.text("kernel/mm/slab.cc")


def test_answers_are_kept(desk: Desk) -> None:
    (desk.work / "answers.md").write_text("Because.\n")
    desk.carry()
    assert desk.text("answers-frames.md") == "Because.\n"
    assert "(your answer)" in desk.text("answers.md")


DAMAGE = {
    "// BEGIN YOURS(frames.free)": ("", f"{FRAME}:20: END YOURS(frames.free) without its BEGIN"),
    "    // END YOURS(frames.free)\n": ("", f"{FRAME}:18: BEGIN YOURS(frames.free) has no END"),
    "BEGIN YOURS(frames.free)": ("BEGIN YOURS frames.free", f"{FRAME}:18: a damaged bracket"),
    "// END YOURS(frames.free)": ("// END YOURS(frames.fre)", f"{FRAME}:20: END YOURS(frames.fre)"),
    "int after_give": (
        "// BEGIN YOURS(frames.free)\n// END YOURS(frames.free)\nint after_give",
        f"{FRAME}:23: frames.free is also at {FRAME}:18",
    ),
}


@pytest.mark.parametrize("old", DAMAGE)
def test_damaged_brackets_are_reported_and_nothing_is_written(desk: Desk, old: str) -> None:
    new, message = DAMAGE[old]
    edit(desk.work / FRAME, old, new)
    with pytest.raises(CourseError) as caught:
        desk.carry()
    assert message in str(caught.value)
    assert not desk.out.exists() and not list(desk.out.parent.glob(".out.*"))


def test_a_missing_part_is_reported(desk: Desk) -> None:
    text = (desk.work / FRAME).read_text()
    (desk.work / FRAME).write_text(text[: text.index("int give_frame")])
    with pytest.raises(CourseError, match=rf"{FRAME}:17: BEGIN YOURS\(frames.free\) is missing"):
        desk.carry()


def test_running_again_is_safe(desk: Desk) -> None:
    before = {path: path.read_bytes() for path in desk.work.rglob("*") if path.is_file()}
    desk.carry()
    first = git(desk.out, "rev-parse", "HEAD")
    desk.carry()
    assert git(desk.out, "rev-parse", "HEAD") == first
    assert git(desk.out, "log", "--format=%s").split("\n")[:2] == [
        "Carry the work of Lab 3",
        "Lab 4: Tables",
    ]
    write(desk.out, {"kernel/mm/new.cc": "// precious\n"})
    with pytest.raises(CourseError, match="no unchanged result"):
        desk.carry()
    assert desk.text("kernel/mm/new.cc") == "// precious\n"
    git(desk.out, "add", ".")
    git(desk.out, "-c", "user.name=s", "-c", "user.email=s@s", "commit", "-qm", "mine")
    with pytest.raises(CourseError, match="no unchanged result"):
        desk.carry()
    after = {path: path.read_bytes() for path in desk.work.rglob("*") if path.is_file()}
    assert after == before


def test_the_result_may_not_stand_in_the_tree(desk: Desk) -> None:
    with pytest.raises(CourseError, match="inside your tree"):
        carry(desk.work, str(desk.next), desk.work / "next")


def test_the_students_commits_do_not_matter(desk: Desk) -> None:
    edit(desk.work / FRAME, "// Frames.", "// My frames.")
    git(desk.work, "-c", "user.name=s", "-c", "user.email=s@s", "commit", "-qam", "mine")
    assert desk.carry().merged == [FRAME]
    assert desk.text().startswith("// My frames.\n")


def test_without_history_the_parts_still_carry(desk: Desk) -> None:
    edit(desk.work / FRAME, "// Frames.", "// My frames.")
    edit(desk.work / "kernel/main.cc", "{}", "{ }")
    shutil.rmtree(desk.work / ".git")
    report = desk.carry()
    assert MINE in desk.text() and "My frames" not in desk.text()
    assert len(report.notes) == 1 and report.notes[0].startswith(f"{FRAME}: differs")
    assert report.not_carried == ["kernel/main.cc: edited"]


def test_a_part_may_move_to_another_file(desk: Desk) -> None:
    text = (desk.course / FRAME).read_text()
    first, last = text.index("int take_frame"), text.index("// Text between")
    write(desk.course, {FRAME: text[:first] + text[last:], "kernel/mm/take.cc": text[first:last]})
    report = desk.carry()
    assert MINE in desk.text("kernel/mm/take.cc") and MINE not in desk.text()
    assert report.parts == 1 and not report.clashes


def test_a_part_may_be_replaced(desk: Desk) -> None:
    path = desk.course / FRAME
    old = "// BEGIN SOLUTION(frames.allocate)\nint old;\n// END SOLUTION\n// STUB: int old;\n"
    write(desk.course, {"kernel/mm/tests/host/old.cc": old})  # in no handout
    edit(path, "BEGIN SOLUTION(frames.allocate)", "BEGIN SOLUTION(paging.take) replaces=frames.allocate")
    edit(path, '"frames.allocate: ', '"paging.take: ')
    manifest = desk.course / "labs/04-paging/lab.toml"
    edit(manifest, '["paging.walk"]', '["paging.walk", "paging.take"]')
    report = desk.carry()
    assert f"BEGIN YOURS(paging.take) replaces=frames.allocate\n{MINE}\n" in desk.text()
    assert any("paging.take takes the place of frames.allocate" in note for note in report.notes)


def test_code_of_a_part_that_is_gone_is_kept_in_a_file(desk: Desk) -> None:
    path = desk.course / FRAME
    text = path.read_text()
    first, last = text.index("    // BEGIN SOLUTION(frames.allocate)"), text.index("// Text between")
    path.write_text(text[:first] + "    return given(order);\n}\n\n" + text[last:])
    edit(desk.course / "labs/03-frames/lab.toml", '"frames.allocate", ', "")
    report = desk.carry()
    assert desk.text("not-carried/frames.allocate.txt") == f"{MINE}\n"
    assert len(report.clashes) == 1 and "no part frames.allocate" in report.clashes[0]


def test_a_solved_part_survives_into_an_unsolved_handout(desk: Desk) -> None:
    unsolved = cut(desk.course, "paging", desk.out.parent / "unsolved", unsolved=True)
    carry(desk.work, str(unsolved), desk.out)
    assert MINE in desk.text() and "join_with_buddy" not in desk.text()


def test_the_handout_may_be_an_archive_or_a_repository(desk: Desk, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "next.tar.gz", "w:gz") as tar:
        tar.add(desk.next, "lab4", filter=lambda info: None if ".git/" in info.name else info)
    with zipfile.ZipFile(tmp_path / "next.zip", "w") as zipped:
        for path in desk.next.rglob("*"):
            if ".git" not in path.parts:
                zipped.write(path, Path("lab4") / path.relative_to(desk.next))
    git(tmp_path, "clone", "--quiet", "--bare", str(desk.next), "next.git")
    heads = set()
    for source in ("next.tar.gz", "next.zip", "next.git", f"file://{tmp_path}/next.git", "next"):
        shutil.rmtree(desk.out, ignore_errors=True)
        carry(desk.work, source if "://" in source else str(tmp_path / source), desk.out)
        heads.add(git(desk.out, "rev-parse", "HEAD"))
    assert len(heads) == 1
    assert git(desk.out, "rev-parse", "HEAD~1") == git(desk.next, "rev-parse", "HEAD")


def test_archives_that_climb_out_are_refused(desk: Desk, tmp_path: Path) -> None:
    for name, member in (("up.tar", "../evil"), ("link.tar", "link")):
        with tarfile.open(tmp_path / name, "w") as tar:
            info = tarfile.TarInfo(member)
            info.type = tarfile.SYMTYPE if member == "link" else tarfile.REGTYPE
            info.linkname = "/etc/passwd"
            tar.addfile(info)
        with pytest.raises(CourseError, match="refused"):
            carry(desk.work, str(tmp_path / name), desk.out)
    for source in (tmp_path / "nothing", desk.work / FRAME, desk.course):
        with pytest.raises(CourseError):
            carry(desk.work, str(source), desk.out)


def test_a_changed_handout_is_refused(desk: Desk) -> None:
    edit(desk.next / FRAME, "// Frames.", "// Not these.")
    with pytest.raises(CourseError, match=f"{FRAME} is not as it was handed out"):
        desk.carry()


def test_the_way_back_is_refused(desk: Desk) -> None:
    frames = cut(desk.course, "frames", desk.out.parent / "frames")
    with pytest.raises(CourseError, match="is Lab 3, and .* is Lab 4 already"):
        carry(desk.next, str(frames), desk.out)


def test_a_whole_class(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    students = tmp_path / "students"
    for name in ("ada", "bob"):
        shutil.copytree(desk.work, students / name)
    edit(students / "bob" / FRAME, "// END YOURS(frames.free)", "")
    assert main(students, str(desk.next), desk.out, whole_class=True) == 1
    said = capsys.readouterr().out
    assert "bob: NOT CARRIED" in said and f"{FRAME}:18" in said
    assert "1 of 2 students carried, 0 with clashes, 1 not carried" in said
    assert MINE in (desk.out / "ada" / FRAME).read_text()
    assert not (desk.out / "bob").exists()


def test_odd_bytes_and_line_ends_survive(desk: Desk) -> None:
    path = desk.work / FRAME
    path.write_bytes(path.read_bytes().replace(b"own_idea(order)", b"own_idea(order)\x0c // \xff"))
    edit_bytes = (desk.work / "kernel/mm/mine.h").write_bytes
    edit_bytes(b"#pragma once\r\n")
    desk.carry()
    assert b"own_idea(order)\x0c // \xff" in (desk.out / FRAME).read_bytes()
    assert (desk.out / "kernel/mm/mine.h").read_bytes() == b"#pragma once\r\n"


def test_the_command_in_a_tree(desk: Desk) -> None:
    command = ["/usr/bin/python3", "-m", "labs", "next", "--work", str(desk.work)]
    command += ["--from", str(desk.next), "--out", str(desk.out)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Lab 4, Tables, with your work of Lab 3" in done.stdout
