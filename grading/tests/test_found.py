"""Submissions as teachers, Gradescope, Moodle and GitHub lay them out."""

from __future__ import annotations

import os
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grading.grader.export_zip import unpack_export
from grading.grader.found import Search, find_submissions, lab_of, received_at
from grading.grader.git_time import last_commit
from grading.grader.plan import course_names, make_plan
from grading.grader.received import load_times
from grading.grader.roster import ClassError, load_roster
from grading.grader.terms import Terms
from grading.tests.submitted import archive
from labs.course import ROOT

NAMES = course_names(ROOT)
ROSTER = """student,name,email,github
ada,Ada Lovelace,ada@example.org,countess
alan,Alan Turing,alan@example.org,enigma
"""
METADATA = """---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  :created_at: 2026-03-01 22:59:03.123456000 Z
  :score: 0.0
  :status: processed
  :history: []
submission_102:
  :submitters:
  - :name: Alan Turing
    :email: alan@example.org
  - :name: Kim Lee
    :email: kim@example.org
  :created_at: 2026-03-02 01:00:00.000000000 +01:00
submission_103:
  :submitters: []
"""


def found(top: Path) -> dict[str, tuple[tuple[str, ...], str]]:
    return {f.name: (f.said, f.lab) for f in find_submissions(top, NAMES).found}


def plan_of(top: Path, tmp_path: Path, labs: list[str], **more):  # type: ignore[no-untyped-def]
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    return make_plan(ROOT, top, tmp_path / "out", labs, Terms(roster=load_roster(path)), **more)


def test_archives_in_a_folder(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "ada.tar.gz")
    archive(top / "alan-submission-boot.tgz")
    archive(top / "Lab3_kim.zip")
    (top / "roster.csv").write_text("student\n")
    (top / "readme.txt").write_text("mail of a student")
    (top / "linked.tar.gz").symlink_to("/etc/passwd")
    assert found(top) == {
        "Lab3_kim.zip": (("Lab3_kim", "kim"), "frames"),
        "ada.tar.gz": (("ada",), ""),
        "alan-submission-boot.tgz": (("alan-submission-boot", "alan"), "boot"),
    }
    left_out = find_submissions(top, NAMES).left_out
    assert [sentence.split()[0] for sentence in left_out] == ["linked.tar.gz", "readme.txt"]


def test_a_folder_for_each_student_or_lab(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "ada" / "submission-boot.tar.gz")
    archive(top / "ada" / "submission-frames.tar.gz")
    (top / "alan" / "labs").mkdir(parents=True)
    (top / "alan" / "labs" / "handout.json").write_text('{"lab": "paging"}')
    (top / "kim" / "kernel").mkdir(parents=True)
    archive(top / "paging" / "grace.tar.gz")
    assert found(top) == {
        "ada/submission-boot.tar.gz": (("ada",), "boot"),
        "ada/submission-frames.tar.gz": (("ada",), "frames"),
        "alan": (("alan",), ""),
        "kim": (("kim",), ""),
        "paging/grace.tar.gz": (("grace",), "paging"),
    }


def test_a_gradescope_export(tmp_path: Path) -> None:
    top = tmp_path / "assignment_7_export"
    archive(top / "submission_101" / "submission-boot.tar.gz")
    (top / "submission_102" / "kernel" / "mm").mkdir(parents=True)
    (top / "submission_102" / "kernel" / "mm" / "buddy.cc").write_text("int x;")
    (top / "submission_103").mkdir()
    (top / "submission_104").mkdir()
    (top / "submission_metadata.yml").write_text(METADATA)
    search = find_submissions(tmp_path, NAMES)  # as the zip unpacks: one folder around everything
    folder = "assignment_7_export"
    assert [(f.name, f.said[0]) for f in search.found] == [
        (f"{folder}/submission_101/submission-boot.tar.gz", "ada@example.org"),
        (f"{folder}/submission_102", "alan@example.org"),
        (f"{folder}/submission_102", "kim@example.org"),  # a group: each of them
    ]
    assert search.found[0].received == datetime(2026, 3, 1, 22, 59, 3, tzinfo=UTC)
    assert search.found[1].received == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert len(search.left_out) == 2


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "../x: {}", "5"])
def test_bad_metadata_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "submission_metadata.yml").write_text(text)
    with pytest.raises(ClassError, match="submission_metadata.yml"):
        find_submissions(tmp_path, NAMES)


def test_a_moodle_download_in_folders_and_without(tmp_path: Path) -> None:
    archive(tmp_path / "Ada Lovelace_4711_assignsubmission_file_" / "submission-boot.tar.gz")
    (tmp_path / "Ada Lovelace_4711_assignsubmission_onlinetext_").mkdir()
    archive(tmp_path / "Alan Turing_4712_assignsubmission_file_work.tar.gz")
    assert found(tmp_path) == {
        "Ada Lovelace_4711_assignsubmission_file_/submission-boot.tar.gz": (
            ("Ada_Lovelace_4711", "Participant 4711", "Ada Lovelace"), "boot"),
        "Alan Turing_4712_assignsubmission_file_work.tar.gz": (
            ("Alan_Turing_4712", "Participant 4712", "Alan Turing"), ""),
    }  # fmt: skip
    plan = plan_of(tmp_path, tmp_path / "..", ["boot"])
    assert [(task.student, task.lab) for task in plan.tasks] == [("ada", "boot"), ("alan", "boot")]


def test_nobody_hands_in_for_another_by_a_files_name(tmp_path: Path) -> None:
    """A student chooses the end of Moodle's names, and in a teacher's own folder perhaps the whole."""
    top = tmp_path / "moodle"
    name = "Alan Turing_4712_assignsubmission_file_Ada Lovelace_4711_assignsubmission_file_boot.tar.gz"
    archive(top / name)
    assert [task.student for task in plan_of(top, tmp_path, ["boot"]).tasks] == ["alan"]
    top = tmp_path / "own"
    for name in ("ada.tar.gz", "alan.tar.gz", "Kim_1_assignsubmission_file_x.tar.gz"):
        archive(top / name)
    plan = plan_of(top, tmp_path, ["boot"])
    assert [task.student for task in plan.tasks] == ["ada", "alan"] and "of nobody in the roster" in plan.left_out[0]


def test_moodles_number_is_no_number_of_the_roster(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "Kim Lee_1815_assignsubmission_file_" / "submission-boot.tar.gz")
    (tmp_path / "roster.csv").write_text("student,number\nada,1815\n")
    terms = Terms(roster=load_roster(tmp_path / "roster.csv"))
    assert not make_plan(ROOT, top, tmp_path / "out", ["boot"], terms).tasks


def test_moodles_worksheet_tells_times_and_addresses(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "A. L._4711_assignsubmission_file_" / "submission-boot.tar.gz")
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (submission)\n"
        'Participant 4711,A. L.,ada@example.org,Submitted,,100,"Sunday, 1 March 2026, 11:59 PM"\n'
        'Participant 4712,Alan,alan@example.org,No submission,,100,-\n',
        encoding="utf-8-sig",
    )
    zone = Terms().zone
    plan = plan_of(top, tmp_path, ["boot"], times=load_times(sheet, zone))
    assert [(t.student, t.received) for t in plan.tasks] == [("ada", datetime(2026, 3, 1, 23, 59, tzinfo=UTC))]
    assert plan.missing == [("alan", "boot")]


def test_a_csv_of_times(tmp_path: Path) -> None:
    top, sheet = tmp_path / "class", tmp_path / "times.csv"
    archive(top / "ada-boot.tar.gz")
    archive(top / "alan-boot.tar.gz")
    sheet.write_text("submission,received\nada-boot.tar.gz,2026-03-01 10:00\nalan,2026-03-01T11:00+01:00\n")
    plan = plan_of(top, tmp_path, ["boot"], times=load_times(sheet, None))
    assert plan.tasks[0].received == datetime(2026, 3, 1, 10, tzinfo=UTC)
    sheet.write_text("submission,received\nada-boot.tar.gz,soon\n")
    with pytest.raises(ClassError, match="times.csv:2: 'soon' is no time"):
        load_times(sheet, None)


def test_checkouts_have_their_commits_time(tmp_path: Path) -> None:
    tree = tmp_path / "class" / "lab1-countess"
    tree.mkdir(parents=True)
    (tree / "submission.json").write_text('{"lab": "boot"}')
    environment = os.environ | {"GIT_COMMITTER_DATE": "2026-03-01T12:00:00+01:00", "HOME": str(tmp_path)}
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "done"]):
        subprocess.run(["git", *words], cwd=tree, env=environment, check=True)
    # Whoever believes the repository's own settings runs this.
    with (tree / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {tmp_path}/ran"\n\tpager = "touch {tmp_path}/ran"\n')
    moment = datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert last_commit(tree) == moment
    subprocess.run(["git", "-c", "core.fsmonitor=", "gc", "-q"], cwd=tree, env=environment, check=True)  # packs all
    (tmp_path / "ran").unlink(missing_ok=True)
    assert last_commit(tree) == moment
    assert not (tmp_path / "ran").exists()
    plan = plan_of(tree.parent, tmp_path, ["boot"])
    assert [(t.student, t.received) for t in plan.tasks] == [("ada", moment)]


def test_which_labs_are_of_a_batch(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "ada.tar.gz", "boot")
    archive(top / "alan.tar.gz", "frames")
    (top / "ada-2.zip").write_bytes(b"no archive")
    os.utime(top / "ada.tar.gz", (1_700_000_000, 1_700_000_000))
    both = plan_of(top, tmp_path, ["boot", "frames"])
    assert [(t.student, t.lab, t.name) for t in both.tasks] == [
        ("ada", "boot", "ada.tar.gz"), ("alan", "frames", "alan.tar.gz")]  # fmt: skip
    assert any("ada-2.zip does not say which lab" in sentence for sentence in both.left_out)
    assert ("ada", "frames") in both.missing
    (search,) = [f for f in find_submissions(top, NAMES).found if f.name == "ada-2.zip"]
    assert lab_of(search, ["boot"], NAMES) == "boot"  # one lab asked: also what says nothing
    one = plan_of(top, tmp_path, ["boot"])
    assert [(t.student, t.name) for t in one.tasks] == [("ada", "ada-2.zip")]  # the later of hers
    assert "1 submissions are of labs that were not asked for" in one.left_out


def test_the_wrong_labs_archive_in_a_services_export_is_named(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "Ada Lovelace_4711_assignsubmission_file_" / "work.tar.gz", "frames")
    plan = plan_of(top, tmp_path, ["boot"])
    assert not plan.tasks and "work.tar.gz is of lab frames, which was not asked for" in plan.left_out[0]
    assert ("ada", "boot") in plan.missing


def test_results_do_not_go_among_the_submissions(tmp_path: Path) -> None:
    with pytest.raises(ClassError, match="would be taken for a submission"):
        make_plan(ROOT, tmp_path, tmp_path / "out", ["boot"], Terms())


def test_strangers_are_named_not_graded(tmp_path: Path) -> None:
    top = tmp_path / "class"
    archive(top / "mallory-boot.tar.gz")
    plan = plan_of(top, tmp_path, ["boot"])
    assert not plan.tasks
    assert plan.left_out == ["mallory-boot.tar.gz is of nobody in the roster: it says 'mallory-boot', 'mallory'"]


def test_of_two_the_latest_is_graded_or_both(tmp_path: Path) -> None:
    top = tmp_path / "class"
    old, new = archive(top / "ada" / "a.tar.gz"), archive(top / "ada" / "b.tar.gz", text="more")
    os.utime(old, (1_800_000_000, 1_800_000_000))
    os.utime(new, (1_700_000_000, 1_700_000_000))
    plan = make_plan(ROOT, top, tmp_path / "out", ["boot"], Terms())
    assert [t.name for t in plan.tasks] == ["ada/a.tar.gz"]
    assert "ada/b.tar.gz is older than ada/a.tar.gz" in plan.left_out
    os.utime(new, (1_800_000_000, 1_800_000_000))  # as of two files that a service got at once
    together = make_plan(ROOT, top, tmp_path / "out", ["boot"], Terms())
    assert together.left_out == ["ada/a.tar.gz came at the same time, and its name stands before ada/b.tar.gz"]
    os.utime(new, (1_700_000_000, 1_700_000_000))
    plan = make_plan(ROOT, top, tmp_path / "out", ["boot"], Terms(counts="best"))
    assert [t.name for t in plan.tasks] == ["ada/b.tar.gz", "ada/a.tar.gz"]


def test_keys_follow_content_and_secret_not_time(tmp_path: Path) -> None:
    top = tmp_path / "class"
    path = archive(top / "ada.tar.gz")

    def key(secret: str = "") -> str:
        (task,) = make_plan(ROOT, top, tmp_path / "out", ["boot"], Terms(), secret).tasks
        return task.key

    first = key()
    os.utime(path, (1, 1))
    assert key() == first
    assert key("another") != first
    archive(path, text="int other;")
    assert key() != first


def test_an_exported_zip_is_unpacked_member_by_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as zipped:
        zipped.write(archive(tmp_path / "x.tar.gz"), "Ada_1_assignsubmission_file_/submission-boot.tar.gz")
        zipped.writestr("../evil", "x")
        zipped.writestr("/evil", "x")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        zipped.writestr(link, "/etc/passwd")
    left_out = unpack_export(tmp_path / "export.zip", tmp_path / "out")
    assert len(left_out) == 3
    files = [path for path in (tmp_path / "out").rglob("*") if not path.is_dir()]
    assert [path.name for path in files] == ["submission-boot.tar.gz"]
    plan = make_plan(ROOT, tmp_path / "export.zip", tmp_path / "batch", ["boot"], Terms())
    assert [(t.student, t.lab) for t in plan.tasks] == [("Ada_1", "boot")]


def test_what_cannot_be_unpacked_costs_nobody_else_anything(tmp_path: Path) -> None:
    """A name that is too long for this system, a folder that is a file, a member that is damaged."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("Ada_1_assignsubmission_file_/a.tar.gz", "x")
        zipped.writestr(f"Bob_2_assignsubmission_file_/{'字' * 90}.tar.gz", "x")
        zipped.writestr("Eve_3_assignsubmission_file_/a", "x")
        zipped.writestr("Eve_3_assignsubmission_file_/a/b", "x")
        zipped.writestr("Eve_3_assignsubmission_file_/c", "damaged" * 99)
        zipped.writestr("Zoe_4_assignsubmission_file_/a.tar.gz", "x")
    content = path.read_bytes()
    at = content.find(b"file_/c") + len(b"file_/c")
    path.write_bytes(content[:at] + b"\xff" * 4 + content[at + 4 :])
    said = unpack_export(path, tmp_path / "out")
    assert len(said) == 3 and all("cannot be unpacked" in sentence for sentence in said)
    there = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert there == {f"{name}_assignsubmission_file_/{file}" for name, file in
                     (("Ada_1", "a.tar.gz"), ("Eve_3", "a"), ("Zoe_4", "a.tar.gz"))}  # fmt: skip


def test_no_zip_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ClassError, match="export.zip: is no zip"):
        make_plan(ROOT, tmp_path / "export.zip", tmp_path / "batch", ["boot"], Terms())


def test_searching_an_empty_or_missing_folder(tmp_path: Path) -> None:
    assert find_submissions(tmp_path, NAMES) == Search()
    with pytest.raises(ClassError, match="no such folder"):
        find_submissions(tmp_path / "none", NAMES)


def test_received_is_the_files_time_where_nothing_else_tells(tmp_path: Path) -> None:
    path = archive(tmp_path / "ada.tar.gz")
    stamp = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=3)
    os.utime(path, (stamp.timestamp(), stamp.timestamp()))
    (one,) = find_submissions(tmp_path, NAMES).found
    assert received_at(one) == stamp
