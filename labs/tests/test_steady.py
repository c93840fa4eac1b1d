"""The battery of steadiness: what counts as a change, and how it goes on. Its runs are made up here."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from labs import steady as module
from labs.course import ROOT, CourseError, find_lab
from labs.report import Outcome
from labs.steady import Battery, Record, busy, commit_of, steady

LAB = find_lab("paging", ROOT)


def outcome(name: str, verdict: str = "pass", text: str = "") -> Outcome:
    return Outcome(name, name, "A fact.", "new", 1, 1.0, verdict, text, 0.1, waited=verdict == "timeout")


class Made(Battery):
    """A battery whose runs are `script`: what becomes of each, in their order."""

    script: list[list[Outcome]] = []
    seeds: list[str] = []

    def __init__(self, root: Path, lab: object, folder: Path, jobs: int) -> None:
        self.folder = folder

    def run(self, seed: str) -> tuple[float, list[Outcome]]:
        self.seeds.append(seed)
        return 1.5, self.script.pop(0)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> type[Made]:
    Made.script, Made.seeds = [], []
    monkeypatch.setattr(module, "Battery", Made)
    monkeypatch.setattr(module, "commit_of", lambda root: "abc")
    return Made


def battery(folder: Path, times: int, out: Path | None = None, load: int = 0) -> tuple[int, str]:
    said: list[str] = []
    faults = steady(ROOT, [LAB], folder, times, load, 1, out, say=lambda text: said.append(text))
    return faults, "\n".join(said)


def test_passes_are_steady_and_each_run_has_its_own_seed(tmp_path: Path, made: type[Made]) -> None:
    made.script = [[outcome("a"), outcome("b")]] * 3
    faults, said = battery(tmp_path, 3)
    assert faults == 0 and "3 runs of 2 tests, 0 changed verdicts" in said
    assert len(set(made.seeds)) == 3 and not list(tmp_path.iterdir())


def test_a_change_is_told_and_counted_also_when_the_battery_goes_on(tmp_path: Path, made: type[Made]) -> None:
    good, bad = [outcome("a"), outcome("b")], [outcome("a"), outcome("b", "timeout", "no 'x' in time\nmore")]
    out = tmp_path / "runs.json"
    made.script = [good, bad]
    faults, said = battery(tmp_path, 2, out)
    assert faults == 1 and "seed abc.0.2: timeout, a wait ran out: b\n      no 'x' in time\n      more" in said
    made.script = [good]
    faults, said = battery(tmp_path, 3, out)
    assert faults == 1 and "2 runs known, 1 to do" in said and "timeout" in said
    assert made.seeds == ["abc.0.1", "abc.0.2", "abc.0.3"]
    assert [run["marks"] for run in json.loads(out.read_text())["runs"]] == ["..", ".T", ".."]


def test_runs_of_another_commit_or_load_do_not_count(
    tmp_path: Path, made: type[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runs.json"
    made.script = [[outcome("a")] for _ in range(3)]
    battery(tmp_path, 1, out)
    assert "0 runs known, 1 to do" in battery(tmp_path, 1, out, load=1)[1]
    monkeypatch.setattr(module, "commit_of", lambda root: "def")
    assert "0 runs known, 1 to do" in battery(tmp_path, 1, out)[1]
    assert len(Record.read(out).runs) == 3


def test_a_test_that_is_missing_in_a_run_is_a_fault(tmp_path: Path, made: type[Made]) -> None:
    made.script = [[outcome("a"), outcome("b")], [outcome("a")]]
    faults, said = battery(tmp_path, 2)
    assert faults == 1 and "2 different lists" in said


def test_a_file_of_something_else_is_named_and_left_alone(tmp_path: Path, made: type[Made]) -> None:
    out = tmp_path / "runs.json"
    out.write_text('{"schema": 99, "runs": []}')
    with pytest.raises(CourseError, match=f"{out} holds no runs .*its schema is 99"):
        battery(tmp_path, 1, out)


def test_the_commit_says_what_differs_from_it(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=tmp_path, check=True)

    with pytest.raises(CourseError, match="git rev-parse"):
        commit_of(tmp_path)
    git("init", "-q")
    (tmp_path / "file").write_text("one\n")
    git("add", "file")
    git("commit", "-q", "-m", "one")
    clean = commit_of(tmp_path)
    (tmp_path / "runs.json").write_text("{}")  # not of the commit's
    assert commit_of(tmp_path) == clean and "+" not in clean
    (tmp_path / "file").write_text("two\n")
    assert commit_of(tmp_path).startswith(f"{clean}+")


def test_busy_processes_are_gone_afterwards() -> None:
    def running() -> int:
        done = subprocess.run(["pgrep", "-f", "for _ in range.1000000.: pass"], capture_output=True, text=True)
        return len(done.stdout.split())

    before = running()
    with busy(2):
        time.sleep(0.1)
        assert running() == before + 2
    assert running() == before
