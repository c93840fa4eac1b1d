"""Carries a student's work into the next handout (make next FROM=… OUT=…).

    report = carry(work, "next.tar.gz", out)

What is carried: the code in the parts of this lab and earlier ones, wherever the next handout has
them; every other edit in the listed files, by a three-way merge whose base is the student's own
handout; new files in the open folders; answers.md as answers-LAB.md. What clashes stays in the file
with both sides and is listed; other edits are listed as not carried. The student's tree is only
read, and `out` appears when it is complete: the handout's commit and one with the student's work.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from labs.carrier import Carrier, Report
from labs.course import CourseError
from labs.fetch import fetched
from labs.repository import AUTHOR, DATE, commit_all, first_message, new_folder, set_modes
from labs.yours import RECORD, read_record

CARRIED = "Carry the work of Lab"  # how the message of the second commit begins


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def is_untouched_result(out: Path) -> bool:
    """Whether `out` is what an earlier run made, without a change since."""
    if not (out / ".git").is_dir():
        return False
    commits = _git(out, "log", "--all", "--format=%cn %cI %s").splitlines()
    made = [line for line in commits if line.startswith(f"{AUTHOR} {DATE[:10]}")]
    return (
        len(commits) == len(made) == 2
        and CARRIED in commits[0]
        and not _git(out, "status", "--porcelain").strip()
    )


def _make_way(out: Path, work: Path) -> None:
    """Refuses an `out` that something would be lost in."""
    if out.resolve().is_relative_to(work.resolve()):
        raise CourseError(f"{out} is inside your tree {work}, which stays as it is: name another")
    if out.is_dir() and any(out.iterdir()) and not is_untouched_result(out):
        raise CourseError(
            f"{out} exists and is no unchanged result of an earlier run: name a new folder"
        )
    if out.exists() and not out.is_dir():
        raise CourseError(f"{out} exists and is no folder")


def carry(work: Path, source: str, out: Path) -> Report:
    """Makes the student's next tree `out` from their tree `work` and the handout at `source`."""
    record = read_record(work)
    _make_way(out, work)
    with fetched(source) as (tree, following):
        if following.number <= record.number:
            raise CourseError(
                f"{source} is Lab {following.number}, and {work} is Lab {record.number} already"
            )
        draft = new_folder(out, instead=True)
        try:
            shutil.copytree(tree, draft, dirs_exist_ok=True)
            set_modes(draft)
            commit_all(draft, first_message(following))
            report = Carrier(work, record, draft, following).run()
            set_modes(draft)
            commit_all(draft, f"{CARRIED} {record.number}")
            if out.exists():
                shutil.rmtree(out)
            draft.rename(out)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return report


def _whole_class(folder: Path, source: str, out: Path) -> int:
    students = [path for path in sorted(folder.iterdir()) if (path / RECORD).is_file()]
    if not students:
        raise CourseError(f"{folder} holds no folder with a goose lab in it")
    failed = clashes = 0
    with fetched(source) as (tree, _):
        for student in students:
            try:
                report = carry(student, str(tree), out / student.name)
            except CourseError as error:
                failed += 1
                print(f"{student.name}: NOT CARRIED: {error}")
                continue
            clashes += bool(report.clashes)
            rows = list(report.lines(out / student.name))
            print("\n".join([f"{student.name}: {rows[0]}", *rows[1:-1]]))
    done = len(students) - failed
    print(f"{done} of {len(students)} students carried, {clashes} with clashes, {failed} not carried")
    return 1 if failed else 0


def main(work: Path, source: str, out: Path, whole_class: bool) -> int:
    """The command: one student's tree, or a folder with one of each student."""
    if not source:
        raise CourseError("say where the next handout is: make next FROM=folder, archive or URL OUT=…")
    if str(out) in ("", "."):
        raise CourseError("say where the next tree goes: make next FROM=… OUT=a new folder")
    if whole_class:
        return _whole_class(work, source, out)
    report = carry(work, source, out)
    print("\n".join(report.lines(out)))
    sys.stdout.flush()
    return 0
