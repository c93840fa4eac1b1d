"""The zip for Gradescope, run in a folder that is laid out as its containers are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grading.reports.bundle import PACKAGES, Settings
from grading.reports.gradescope_zip import write_zip
from grading.tests.gradescope_format import METADATA, check_gradescope
from labs.course import ROOT, find_lab
from labs.handout import write_handout
from labs.solve import solve
from labs.submit import gather, write_archive


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zip") / "autograder.zip"
    lab = find_lab("paging")
    write_zip(ROOT, lab, Settings("paging", "s" * 32, "after_due_date", "stand_in_core:grade"), path)
    again = path.with_name("again.zip")
    write_zip(ROOT, lab, Settings("paging", "s" * 32, "after_due_date", "stand_in_core:grade"), again)
    assert path.read_bytes() == again.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture
def autograder(packed: Path, tmp_path: Path) -> Path:
    """The folder that is /autograder there, as Gradescope fills it, with a core that is quick."""
    top = tmp_path / "autograder"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(top / "source")  # as there, without the files' modes
    shutil.copy(top / "source" / "run_autograder", top / "run_autograder")
    (top / "run_autograder").chmod(0o755)
    shutil.copy(Path(__file__).with_name("stand_in_core.py"), top / "source" / "goose" / "stand_in_core.py")
    (top / "results").mkdir()
    (top / "submission_metadata.json").write_text(json.dumps(METADATA))
    return top


def submit(top: Path, text: str | None) -> tuple[int, str, dict[str, Any] | None]:
    """What run_autograder makes of a submission: status, what it printed, results.json."""
    shutil.rmtree(top / "submission", ignore_errors=True)
    target = top / "submission" / "kernel" / "mm"
    target.mkdir(parents=True)
    if text is not None:
        (target / "page_table.cc").write_text(text)
    done = subprocess.run(
        [top / "run_autograder"], cwd=top, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "/nowhere", "GOOSE_SEED": "1"},
    )  # fmt: skip
    path = top / "results" / "results.json"
    return (
        done.returncode,
        done.stdout + done.stderr,
        json.loads(path.read_text()) if path.exists() else None,
    )


def test_run_autograder_writes_valid_results(autograder: Path) -> None:
    status, said, document = submit(autograder, "good")
    assert status == 0 and document is not None, said
    check_gradescope(document)
    assert [(t["score"], t["max_score"], t["visibility"]) for t in document["tests"]] == [
        (10, 10, "visible"), (3, 3, "visible"), (5, 5, "after_due_date"),
    ]  # fmt: skip
    for text, score in (("bad", 0), ("syntax error", 0), (None, 0)):
        status, said, document = submit(autograder, text)
        assert status == 0 and document is not None, said
        check_gradescope(document)
        assert document.get("score", sum(t["score"] for t in document["tests"])) == score
    assert document and "Nothing in it could be graded" in document["output"]


def test_after_a_grader_error_there_is_no_file_and_so_no_zero(autograder: Path) -> None:
    assert submit(autograder, "good")[2]
    status, said, document = submit(autograder, "broken machine")
    assert status != 0 and document is None, "not even the one of the submission before"
    assert "grader error" in said
    (autograder / "source" / "goose" / "stand_in_core.py").write_text(
        "def grade(*all):\n    raise OSError('disk')\n"
    )
    status, said, document = submit(autograder, "good")
    assert status != 0 and document is None and "OSError: disk" in said


def run_setup(top: Path, system: str, commands: Path) -> subprocess.CompletedProcess[str]:
    """Runs setup.sh as on another system, where installing only writes down what it was asked."""
    release = top / "os-release"
    release.write_text(system)
    script = top / "source" / "setup.sh"
    script.write_text(script.read_text().replace("/etc/os-release", str(release)))
    commands.mkdir(exist_ok=True)
    for name, more in (("apt-get", ""), ("debootstrap", 'mkdir -p "${@: -1}/etc"'), ("chroot", "")):
        (commands / name).write_text(f'#!/bin/bash\necho "{name} $*" >>{top}/asked\n{more}\n')
        (commands / name).chmod(0o755)
    path = f"{commands}:{os.environ['PATH']}"
    return subprocess.run(["bash", script], capture_output=True, text=True, env={"PATH": path}, cwd="/")


def test_setup_refuses_what_it_was_not_made_for_by_name(autograder: Path, tmp_path: Path) -> None:
    for system, name in (
        ('ID=ubuntu\nVERSION_ID="18.04"\nPRETTY_NAME="Ubuntu 18.04.6 LTS"\n', "Ubuntu 18.04.6 LTS"),
        ('ID=fedora\nVERSION_ID=34\nPRETTY_NAME="Fedora 34"\n', "Fedora 34"),
        ("ID=alpine\n", "alpine"),
    ):
        done = run_setup(autograder, system, tmp_path / "bin")
        assert done.returncode == 1 and f"cannot run on {name}:" in done.stderr
        assert "base image Ubuntu 22.04" in done.stderr
        assert not (autograder / "asked").exists(), "nothing is installed there"


def test_setup_installs_on_debian_and_puts_a_debian_beside_ubuntu(autograder: Path, tmp_path: Path) -> None:
    done = run_setup(autograder, "ID=debian\nVERSION_ID=12\n", tmp_path / "bin")
    assert done.returncode == 0, done.stderr
    assert "ready to grade lab paging" in done.stdout
    assert (autograder / "work" / "warm").read_text() == "paging"
    asked = (autograder / "asked").read_text()
    assert f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}\n" in asked
    (autograder / "asked").unlink()
    done = run_setup(autograder, 'ID=ubuntu\nVERSION_ID="22.04"\n', tmp_path / "bin")
    assert done.returncode == 0, done.stderr
    asked = (autograder / "asked").read_text()
    assert f"debootstrap --variant=minbase bookworm {autograder}/debian\n" in asked
    assert (
        f"chroot {autograder}/debian apt-get install -y --no-install-recommends {' '.join(PACKAGES)}\n"
        in asked
    )
    assert (autograder / "debian/autograder/source/goose/service.json").exists()
    assert re.search(rf"chroot {autograder}/debian .* --top /autograder prepare\n", asked)


@pytest.mark.slow
def test_the_zip_grades_with_the_real_core(tmp_path: Path) -> None:
    """Lab 1 without its last exercise, as Gradescope has it: prepared once, then graded in a jail."""
    lab, top = find_lab("boot"), tmp_path / "autograder"
    write_zip(ROOT, lab, Settings(lab.name, "s" * 32), tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(top / "source")
    work = tmp_path / "work"
    write_handout(ROOT, lab, work)
    solve(ROOT, work, {part for exercise in lab.exercises[:-1] for part in exercise.parts})
    (top / "submission").mkdir()
    write_archive(gather(work), top / "submission" / "submission-boot.tar.gz")
    (top / "submission_metadata.json").write_text(json.dumps(METADATA))
    script = top / "source" / "enter"
    # Whatever else this machine has to do: what is tested is not the grader's patience.
    script.write_text(script.read_text().replace("HOME=/root", "HOME=/root GOOSE_TIME_SCALE=30"))
    enter = ["bash", str(script), str(top)]
    for command in ([*enter, "prepare"], ["bash", str(top / "source" / "run_autograder")]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((top / "results" / "results.json").read_text())
    check_gradescope(document)
    jump = [test for test in document["tests"] if test["number"].startswith("8.")]
    rest = [test for test in document["tests"] if re.match("[1-7]", test["number"])]
    assert jump and not any(test["score"] for test in jump)
    assert "boot.jump is not written yet: exercise 8" in jump[0]["output"]
    assert len(rest) >= 7 and all(test["score"] == test["max_score"] for test in rest)
    assert sum(test["max_score"] for test in document["tests"]) == 100
