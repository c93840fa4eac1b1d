"""goose-grade as it is typed: help, faults of its words, and the small class on the real core."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grading.grader.reproduce import find_test, store_of, submission_of
from grading.grader.result import Result, Verdict, read
from grading.grader.result import Test as OneTest
from grading.grader.roster import ClassError
from grading.tests.class_test import COMMAND, ClassTest, results


def goose_grade(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(COMMAND), *map(str, words)], cwd=cwd, capture_output=True, text=True)


def test_help_names_every_command() -> None:
    said = goose_grade("--help").stdout
    for name in ("class", "one", "settle", "reproduce", "similarity", "export-similarity", "calibrate", "worker"):
        assert f"    {name}" in said


def test_faults_are_one_sentence_and_a_status(tmp_path: Path) -> None:
    done = goose_grade("class", tmp_path / "none", "--out", tmp_path / "out", "--lab", "boot")
    assert (done.returncode, done.stderr) == (1, f"goose-grade: {tmp_path}/none: no such folder of submissions\n")
    done = goose_grade("class", tmp_path, "--out", tmp_path / "out", "--lab", "bot")
    assert done.returncode == 1 and "there is no lab 'bot'" in done.stderr
    (tmp_path / "class.toml").write_text("late = 3\n")
    for name, text, complaint in (("roster", "student,name\nada,Ädä\n".encode("latin-1"), "save it as `CSV UTF-8`"),
                                  ("none", b"", "none.csv: No such file")):  # fmt: skip
        if text:
            (tmp_path / f"{name}.csv").write_bytes(text)
        (tmp_path / "other.toml").write_text(f'roster = "{name}.csv"\n')
        done = goose_grade("class", tmp_path, "--out", tmp_path / "out", "--class", tmp_path / "other.toml")
        assert done.returncode == 1 and complaint in done.stderr
    done = goose_grade("class", tmp_path, "--out", tmp_path / "out", "--class", tmp_path / "class.toml")
    assert done.returncode == 1 and "late is 3, and should be a table" in done.stderr
    done = goose_grade("class", tmp_path, "--out", tmp_path / "within", "--lab", "boot")
    assert done.returncode == 1 and "would be taken for a submission" in done.stderr
    assert not (tmp_path / "within").exists()
    done = goose_grade("class", tmp_path, "--out", tmp_path / "class.toml" / "out", "--lab", "boot")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    done = goose_grade("settle", tmp_path)
    assert done.returncode == 1 and "is the folder of a batch" not in done.stdout and "batch.json" in done.stderr


def test_an_empty_class_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    done = goose_grade("class", tmp_path / "class", "--out", tmp_path / "out", "--lab", "boot")
    assert done.returncode == 0 and "0 submissions of boot" in done.stdout


def test_a_test_is_found_by_a_piece_of_its_name() -> None:
    tests = tuple(OneTest(name, "", "new", 1, 1, 0, Verdict.FAIL) for name in ("a.py::test_walk", "a.py::test_walks"))
    result = Result("boot", 1, "", "ada", tests=tests)
    assert find_test(result, "test_walk") == "a.py::test_walk"
    assert find_test(result, "walks") == "a.py::test_walks"
    for said, complaint in (("walk", "can be any of"), ("run", "has no test 'run'")):
        with pytest.raises(ClassError, match=complaint):
            find_test(result, said)


def test_a_result_without_its_batch_asks_for_the_submission(tmp_path: Path) -> None:
    assert store_of(tmp_path / "ada.json") is None
    with pytest.raises(ClassError, match="name the submission by --submission"):
        submission_of(Result("boot", 1, "", "ada"), tmp_path / "ada.json", None)


@pytest.mark.slow
def test_a_small_class_killed_once(tmp_path: Path) -> None:
    """Six submissions of Lab 1 to the points of the kill matrix; then one failed test again."""
    patient = ["--time-scale", "32"]  # a busy machine shall not refuse to run its own tests
    test = ClassTest(tmp_path / "small", "small", patient)
    out = test.folder / "killed"
    test.killed_batch(out, [0.4])
    test.compare_with_table(out)
    assert not test.report.faults, test.report.faults
    (mutant,) = (row.student for row in test.report.rows if row.kind.startswith("mutant"))
    path = out / "results" / "boot" / f"{mutant}.json"
    failed = next(t for t in results(out)[mutant].tests if t.verdict is Verdict.FAIL and t.kind == "new")
    done = goose_grade("reproduce", path, failed.name.split("::")[1], "--out", tmp_path / "again", *patient)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{failed.name} (new): then fail, 0 of {failed.points:g}; now fail" in done.stdout
    again = next(t for t in read(tmp_path / "again" / "result.json").tests if t.kind == "new")
    assert (again.text, again.hint) == (failed.text, failed.hint)  # the same inputs, to the letter
