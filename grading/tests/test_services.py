"""What goes to Gradescope and GitHub Classroom: their documents, the bundle, the workflow's step."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grading.grader.result import Result, Verdict
from grading.reports import cli
from grading.reports.bundle import PACKAGES, Settings, bundle, without_solutions
from grading.reports.classroom import ENCODED_LIMIT, classroom_document, encoded_result
from grading.reports.classroom_files import GRADER, WORKFLOW, add_autograding
from grading.reports.gradescope import gradescope_document, read_metadata
from grading.tests.gradescope_format import METADATA, check_gradescope
from grading.tests.sample_results import hostile_result, one_result, sample_class
from labs.course import ROOT, CourseError, find_lab, load_course
from labs.handout import listed, part_form
from labs.leaks import find_leaks
from labs.parts import LABS
from labs.tree import write_tree

GRADED = [lab for lab in load_course(ROOT) if lab.name in LABS and not lab.finished]


@pytest.mark.parametrize("one", [*sample_class(6)[:4], hostile_result()], ids=lambda one: one.status.value)
def test_gradescopes_document_is_as_documented(one: Result) -> None:
    document = gradescope_document(one, "after_published")
    check_gradescope(document)
    total = document.get("score", sum(test["score"] for test in document["tests"]))
    assert total == pytest.approx(sum(test.earned for test in one.tests))
    hidden = [test for test in document["tests"] if test["visibility"] != "visible"]
    assert [test["tags"][0] for test in hidden] == [
        "variant" for test in one.tests if test.kind == "variant"
    ]
    numbers = [test["number"] for test in document["tests"]]
    assert len(set(numbers)) == len(numbers)


def test_a_grader_error_gives_gradescope_nothing_to_show() -> None:
    for one in sample_class(6)[4:]:
        with pytest.raises(ValueError, match="graded again"):
            gradescope_document(one)
    with pytest.raises(ValueError, match="Gradescope knows"):
        gradescope_document(one_result(0, 1.0), "secret")


def test_metadata_that_changed_or_is_gone_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "submission_metadata.json"
    assert read_metadata(path).student == ""
    for text in ("[]", "{", '{"users": null}', '{"users": [1], "assignment": 3}', '{"users": "x"}'):
        path.write_text(text)
        assert read_metadata(path).student == ""
    path.write_text(json.dumps(METADATA))
    told = read_metadata(path)
    assert (told.submission, told.student, told.name) == (
        "123456",
        "ada@example.org",
        "Ada Example, Ben Example",
    )


# The bundle.


def extract(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


@pytest.mark.parametrize("lab", [find_lab("paging"), GRADED[-1]], ids=lambda lab: lab.name)
def test_a_bundle_has_no_solution_and_makes_the_same_handout(lab: Any, tmp_path: Path) -> None:
    folder = extract(bundle(ROOT, lab, Settings(lab.name, "s" * 32)), tmp_path / "bundle")
    leaks = [leak for leak in find_leaks(ROOT, lab, part_form(lab, False), folder) if "solution of" in leak]
    assert leaks == []
    there = find_lab(lab.name, folder)
    assert replace(there, mutants=()) == replace(lab, mutants=())
    assert listed(folder, there) == listed(ROOT, lab)
    written = []
    for root, out in ((ROOT, tmp_path / "whole"), (folder, tmp_path / "cut")):
        names = write_tree(root, lab, out, part_form(lab, False))
        written.append({name: (out / name).read_bytes() for name in names})
    assert written[0] == written[1]


def test_without_solutions_keeps_every_other_line() -> None:
    text = (
        "a\n// BEGIN SOLUTION(paging.walk)\nsecret\nmore\n// END SOLUTION\n// STUB: stub\n// UNTIL: until\nb\n"
        "// BEGIN SOLUTION(frames.take)\nkept\n// END SOLUTION\n// STUB: x\n"
    )
    cut = without_solutions(text, Path("x.cc"), ["paging.walk"])
    assert cut == text.replace("secret\nmore\n", "")


def test_the_bundle_installs_what_the_labs_makefile_asks_for() -> None:
    words = ["make", "-s", "--no-print-directory", "--eval", "asked:;@echo $(RUN_PACKAGES)", "asked"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    run = subprocess.run(
        words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    more = re.search(
        r"^GRADE_PACKAGES = \$\(RUN_PACKAGES\) (.*)$", (ROOT / "labs/student.mk").read_text(), re.M
    )
    assert more and "opensbi" in run
    assert {word.rpartition(":")[2] for word in f"{run} {more[1]}".split()} <= {*PACKAGES}


def test_a_lab_without_points_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["gradescope", "tour", str(tmp_path / "x.zip")]) == 1
    assert "lab tour has no points" in capsys.readouterr().err
    assert cli.main(["gradescope", "paging", str(tmp_path / "x.zip"), "--variants", "never"]) == 1
    assert list(tmp_path.iterdir()) == []


# GitHub Classroom.


def as_the_reporter_reads(encoded: str) -> tuple[float, float, str]:
    """Points, their maximum and the status, by what the reporter does with GOOSE_RESULTS."""
    given = json.loads(base64.b64decode(encoded, validate=True).decode("utf-8"))
    assert given["version"] == 1 and given["tests"] and given["max_score"] > 0
    for test in given["tests"]:
        assert test["status"] in ("pass", "fail", "error") and isinstance(test["name"], str)
        assert test["status"] == "pass" or test["message"]
    return sum(test["score"] for test in given["tests"]), given["max_score"], given["status"]


def test_classrooms_document_has_the_points_of_the_tests() -> None:
    for one in sample_class(6):
        points, most, status = as_the_reporter_reads(encoded_result(one))
        assert points == pytest.approx(sum(t.earned for t in one.tests)) and most == 100
        expected = "fail" if any(t.verdict is not Verdict.PASS for t in one.tests) else "pass"
        assert status == ("error" if one.has_errors else expected)
    assert as_the_reporter_reads(encoded_result(one_result(0, 1.0))) == (100, 100, "pass")


def test_classrooms_document_fits_whatever_a_student_prints() -> None:
    encoded = encoded_result(hostile_result())
    assert len(encoded) <= ENCODED_LIMIT
    as_the_reporter_reads(encoded)
    assert not re.search(
        r"[\x00-\x08\x1b]", json.dumps(classroom_document(hostile_result()), ensure_ascii=False)
    )


def test_the_workflows_step_grades_a_checkout(tmp_path: Path) -> None:
    """The commands of the workflow, as its shell runs them; the reporter's variable afterwards."""
    checkout = tmp_path / "work" / "submission"
    (checkout / "kernel" / "mm").mkdir(parents=True)
    (checkout / "kernel" / "mm" / "page_table.cc").write_text("good")
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    add_autograding(
        ROOT, find_lab("paging"), checkout, Settings("paging", "s" * 32, "visible", "stand_in_core:grade")
    )
    with tarfile.open(checkout / GRADER) as archive:
        assert not any(member.name.startswith(("/", "..")) or not member.isfile() for member in archive)
    text = (checkout / WORKFLOW).read_text()
    assert "run-autograding-tests:" in text and "@" not in re.sub(r"@v\d", "", text)
    step = re.search(r"id: goose\n +run: \|\n((?: {10}.*\n)+)", text)
    assert step
    place = tmp_path / "goose"
    script = (
        re.sub(r"^ {10}", "", step[1], flags=re.M)
        .replace("/goose ", f"{place} ")
        .replace("/goose\n", f"{place}\n")
    )
    script = script.replace("--top /goose/top", f"--top {place}/top")
    script = script.replace(
        f"cd {place}", f"cd {place} && cp {Path(__file__).with_name('stand_in_core.py')} ."
    )
    output = tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_WORKSPACE": str(tmp_path / "work"),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_REPOSITORY_OWNER": "course",
        "GITHUB_ACTOR": "ada",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path / "work", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "total: 18 of 18 points" in done.stdout
    (line,) = output.read_text().splitlines()
    assert as_the_reporter_reads(line.removeprefix("result=")) == (18, 18, "pass")


def test_a_template_of_a_lab_that_cannot_be_graded_leaves_nothing(tmp_path: Path) -> None:
    from grading.reports.classroom_files import make_template

    with pytest.raises(CourseError, match="no points"):
        make_template(ROOT, find_lab("tour"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
