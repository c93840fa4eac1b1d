"""make submit: one small archive, the same for the same work, and a summary that tells the truth."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from labs.course import CourseError
from labs.submit import gather, main, summary, write_archive
from labs.tests.small_course import cut, edit, fill_in, make_course, write

FRAME = "kernel/mm/frame.cc"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    tree = cut(make_course(tmp_path / "course"), "frames", tmp_path / "work")
    fill_in(tree / FRAME, "frames.allocate", "    return own_idea(order);")
    return tree


def test_the_archive_holds_the_students_files(work: Path, tmp_path: Path) -> None:
    write(work, {"kernel/mm/mine.h": "#pragma once\n"})
    submission = gather(work)
    write_archive(submission, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        names = tar.getnames()
        document = json.load(tar.extractfile("submission.json"))  # type: ignore[arg-type]
    assert names == ["answers.md", FRAME, "kernel/mm/frame.h", "kernel/mm/mine.h", "submission.json"]
    assert document["lab"] == "frames" and document["schema"] == 1
    assert document["files"][FRAME] == hashlib.sha256((work / FRAME).read_bytes()).hexdigest()
    assert document["written"] == ["frames.allocate"] and document["stubs"] == ["frames.free"]


def test_the_same_work_gives_the_same_archive(work: Path, tmp_path: Path) -> None:
    write_archive(gather(work), tmp_path / "a.tar.gz")
    (work / FRAME).touch()
    (work / FRAME).chmod(0o600)
    write_archive(gather(work), tmp_path / "b.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_the_summary(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (work / "answers.md").read_text()
    (work / "answers.md").write_text(text.replace("(your answer)", "Because.", 1))
    assert main(work, None) == 0
    said = capsys.readouterr().out
    assert "parts written: 1 of 2" in said and "still a stub: frames.free" in said
    assert "answers: 1 of 2 questions" in said and "WARNING" not in said
    assert "submission-frames.tar.gz: 3 files" in said
    assert (work / "submission-frames.tar.gz").stat().st_size < 3000
    assert gather(work).warnings == []  # the archive itself is no stray file


def test_what_will_not_be_graded_is_said(work: Path) -> None:
    edit(work / "kernel/mm/heap.cc", "int heap;", "int my_heap;")
    write(work, {"kernel/cpu/mine.cc": "\n"})
    (work / "kernel/mm/frame.h").unlink()
    warnings = "\n".join(gather(work).warnings)
    assert "kernel/mm/heap.cc is edited and will not be graded" in warnings
    assert "kernel/cpu/mine.cc is new and will not be graded" in warnings
    assert "kernel/mm/frame.h is missing" in warnings


def test_damaged_brackets_are_said(work: Path, tmp_path: Path) -> None:
    edit(work / FRAME, "// END YOURS(frames.free)", "")
    submission = gather(work)
    assert any(f"damaged brackets: {FRAME}:17: BEGIN YOURS(frames.free) has no END" in warning for warning in submission.warnings)
    size = write_archive(submission, tmp_path / "a.tar.gz")
    assert any("WARNING: damaged" in line for line in summary(submission, tmp_path, size))


def test_links_are_refused(work: Path) -> None:
    (work / "kernel/mm/frame.h").unlink()
    (work / "kernel/mm/frame.h").symlink_to("/etc/passwd")
    with pytest.raises(CourseError, match="kernel/mm/frame.h is a symbolic link"):
        gather(work)
    (work / "kernel/mm/frame.h").unlink()
    (work / "kernel/mm/mine").symlink_to("/etc")
    with pytest.raises(CourseError, match="kernel/mm/mine is a symbolic link"):
        gather(work)


def test_huge_files_are_refused(work: Path) -> None:
    (work / "kernel/mm/core").write_bytes(bytes(3 << 20))
    with pytest.raises(CourseError, match=r"kernel/mm/core has 3,145,728 bytes; .* takes 1,048,576"):
        gather(work)


def test_no_handout_is_said(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is no handout of a goose lab"):
        gather(tmp_path)
