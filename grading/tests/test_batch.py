"""Batches on a core that does what submissions say: resume, crashes, choice, retries, progress."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grading.grader import batch as batch_module
from grading.grader import fitness, plan, versions
from grading.grader.batch import Batch, Settings, Summary
from grading.grader.jail import why_no_bubblewrap
from grading.grader.plan import make_plan
from grading.grader.result import Result, Status, read
from grading.grader.roster import ClassError
from grading.grader.store import Store
from grading.grader.terms import Terms
from grading.grader.work import NotFit, Order, WrongTools, check_tools, run_apart, signature
from grading.tests.fake_core import ENTRY
from labs.course import ROOT

SCRIPT = """
import sys
from pathlib import Path
from grading.tests.test_batch import grade
grade(Path(sys.argv[1]), Path(sys.argv[2]), jobs=2)
"""


def grade(top: Path, out: Path, labs: tuple[str, ...] = ("boot",), terms: Terms | None = None, **more) -> Summary:  # type: ignore[no-untyped-def]
    """One run of a batch, as `goose-grade class` does it."""
    store, terms = Store(out), terms or Terms()
    settings = Settings(**{"jobs": 2, "scale": 2.0, "entry": ENTRY} | more)
    with store.locked():
        the_plan = make_plan(ROOT, top, out, labs, terms, store.secret(terms))
        return Batch(ROOT, store, terms, the_plan, settings).run()


def hand_in(top: Path, **wishes: str) -> Path:
    """A submission for each student, which says what becomes of it."""
    top.mkdir(exist_ok=True)
    for student, wish in wishes.items():
        (top / f"{student}.tar.gz").write_text(wish)
    return top


def results(out: Path) -> dict[str, Result]:
    return {path.stem: read(path) for path in sorted(out.glob("results/*/*.json"))}


def tries(top: Path, student: str) -> int:
    return len((top / f".{student}.tar.gz.tries").read_text())


def test_results_are_written_and_counted(tmp_path: Path) -> None:
    top = hand_in(tmp_path / "class", ada="points 90", alan="points 40")
    summary = grade(top, tmp_path / "out")
    assert (summary.graded, summary.reused, summary.errors) == (2, 0, 0)
    assert {key: r.earned for key, r in results(tmp_path / "out").items()} == {"ada": 90, "alan": 40}
    assert results(tmp_path / "out")["ada"].submission == "ada.tar.gz"
    assert not (tmp_path / "out" / "work" / "orders").exists()
    log = (tmp_path / "out" / "batch.log").read_text()
    assert "[2/2]" in log and "submissions a minute" in log


def test_what_has_not_changed_is_not_graded_again(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90", alan="points 40"), tmp_path / "out"
    grade(top, out)
    hand_in(top, alan="points 50")
    assert grade(top, out).graded == 1
    assert (tries(top, "ada"), results(out)["alan"].earned) == (1, 50)
    assert grade(top, out, again=True).graded == 2


def test_another_grader_or_lab_version_grades_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90"), tmp_path / "out"
    grade(top, out)
    monkeypatch.setattr(plan, "lab_version", lambda root, lab: "another")
    assert grade(top, out).graded == 1
    monkeypatch.setattr(plan, "grader_version", lambda root: "another")
    assert grade(top, out).graded == 1
    assert grade(top, out).graded == 0


def test_only_these_students(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90", alan="points 40"), tmp_path / "out"
    assert grade(top, out, only=["ada"]).graded == 1
    assert list(results(out)) == ["ada"]
    assert grade(top, out).graded == 1
    with pytest.raises(ClassError, match="no submission is of mallory"):
        grade(top, out, only=["mallory"])


def test_a_dying_process_costs_a_retry_and_nobody_else(tmp_path: Path) -> None:
    top = hand_in(tmp_path / "class", ada="points 90\ndie 1", alan="points 40", kim="points 7\ndie 99")
    summary = grade(top, tmp_path / "out")
    found = results(tmp_path / "out")
    assert (found["ada"].earned, found["ada"].attempts, tries(top, "ada")) == (90, 2, 2)
    assert found["alan"].earned == 40
    assert found["kim"].status is Status.ERROR and tries(top, "kim") == 3
    assert "ended by SIGKILL" in found["kim"].notes[0]
    assert summary.errors == 1
    assert "grader errors, no points lost, run again for them: kim boot" in (tmp_path / "out/batch.log").read_text()


def test_grader_errors_are_tried_again_at_once_and_later(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90\nerror 1", alan="error 4\npoints 3"), tmp_path / "out"
    assert grade(top, out).errors == 1
    assert results(out)["ada"].attempts == 2
    hand_in(top, kim="points 1")
    summary = grade(top, out, errors=True)  # not kim, who is new
    assert (summary.graded, summary.errors, list(results(out))) == (1, 0, ["ada", "alan"])
    assert results(out)["alan"].earned == 3


def test_the_best_of_several_counts(tmp_path: Path) -> None:
    top, out = tmp_path / "class", tmp_path / "out"
    (top / "ada").mkdir(parents=True)
    for number, points in enumerate((30, 80, 50)):
        path = top / "ada" / f"{number}.tar.gz"
        path.write_text(f"points {points}")
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    grade(top, out)
    assert results(out)["ada"].earned == 50  # the latest
    summary = grade(top, out, terms=Terms(counts="best"))
    assert summary.graded == 2 and results(out)["ada"].earned == 80


def test_what_is_gone_from_the_class_counts_no_more(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90", alan="points 40"), tmp_path / "out"
    grade(top, out)
    (top / "alan.tar.gz").unlink()
    assert grade(top, out).graded == 0
    assert list(results(out)) == ["ada"]


def test_labs_are_graded_one_after_another_into_one_folder(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", **{"ada-boot": "points 90", "ada-frames": "points 60"}), tmp_path / "out"
    grade(top, out, ("boot",))
    grade(top, out, ("frames",))
    found = {(r.lab, r.student): r.earned for r in map(read, out.glob("results/*/*.json"))}
    assert found == {("boot", "ada"): 90, ("frames", "ada"): 60}


def test_killed_batches_go_on_to_the_same_results(tmp_path: Path) -> None:
    wishes = {f"s{n:02}": f"points {n}\nsleep 0.3" for n in range(7)} | {"dies": "points 5\ndie 1"}
    top = hand_in(tmp_path / "class", **wishes)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    cut.mkdir()
    (cut / "class.secret").write_text("a secret of the class\n")
    for kills, limit in enumerate((2, 5), start=1):
        child = subprocess.Popen([sys.executable, "-c", SCRIPT, top, cut], cwd=ROOT, stdout=subprocess.DEVNULL)
        while len(list(cut.glob("runs/*/*/*.json"))) < limit:
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        # Those that count are there too, but for one of each kill: it came between the two.
        assert len(results(cut)) >= limit - kills
        (cut / "runs" / "boot" / "s06").mkdir(parents=True, exist_ok=True)  # a half of a result, as a full disk leaves
    before = {path: path.stat().st_mtime_ns for path in cut.glob("runs/*/*/*.json")}
    summary = grade(top, cut)
    assert summary.reused == len(before) >= 5
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())
    whole.mkdir()
    (whole / "class.secret").write_text("a secret of the class\n")
    grade(top, whole)
    first, second = results(whole), results(cut)
    assert len(first) == len(wishes)
    assert {k: r.without_times() for k, r in first.items()} == {k: r.without_times() for k, r in second.items()}
    assert not any(list(Store(out).work.glob("orders/*")) for out in (whole, cut))


def running(out: Path) -> list[str]:
    """Command lines of processes that grade into the folder."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if f"{out}/work" in line]


def gone(out: Path) -> list[str]:
    """What is still there of such processes after 5 s."""
    for _ in range(100):
        if not running(out):
            break
        time.sleep(0.05)
    return running(out)


@pytest.mark.parametrize("wish", ["", "stray", "window"])
def test_a_killed_batch_leaves_no_process(tmp_path: Path, wish: str) -> None:
    if wish == "window" and (why := why_no_bubblewrap()):
        pytest.skip(f"no bubblewrap here: {why}")
    top, out = hand_in(tmp_path / "class", ada=f"sleep 60\n{wish}"), tmp_path / "out"
    child = subprocess.Popen([sys.executable, "-c", SCRIPT, top, out], cwd=ROOT, stdout=subprocess.DEVNULL)
    while not (top / ".ada.tar.gz.tries").exists():
        time.sleep(0.02)
    assert running(out)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not gone(out)


def test_a_graded_submission_leaves_no_process(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 9\nstray"), tmp_path / "out"
    grade(top, out)
    assert not running(out) and results(out)["ada"].earned == 9


def test_a_killed_worker_leaves_no_process(tmp_path: Path) -> None:
    """The process that grades is killed alone, as by a system that runs out of memory."""
    top, out = hand_in(tmp_path / "class", ada="points 9\nstray\ndie 1"), tmp_path / "out"
    grade(top, out)
    assert not running(out) and results(out)["ada"].attempts == 2


def test_a_full_disk_stops_the_batch_and_the_rest_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90", alan="points 40"), tmp_path / "out"
    saved = Store.save

    def save(store: Store, task: plan.Task, result: Result) -> None:
        if task.student == "alan":
            raise OSError(28, "No space left on device")
        saved(store, task, result)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "save", save)
        summary = grade(top, out, jobs=1)
    assert "No space left" in summary.stopped and list(results(out)) == ["ada"]
    assert grade(top, out).graded == 1 and list(results(out)) == ["ada", "alan"]


def test_two_batches_do_not_share_a_folder(tmp_path: Path) -> None:
    with Store(tmp_path).locked(), pytest.raises(ClassError, match="another batch is at work"):
        with Store(tmp_path).locked():
            pass


def test_a_damaged_result_is_graded_again(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90"), tmp_path / "out"
    grade(top, out)
    (path,) = out.glob("runs/*/*/*.json")
    path.write_text(path.read_text()[:100])
    assert grade(top, out).graded == 1 and read(path).earned == 90


def test_the_secret_is_kept_and_private(tmp_path: Path) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 90"), tmp_path / "out"
    grade(top, out)
    secret = out / "class.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert results(out)["ada"].seed == secret.read_text().strip()
    assert grade(top, out).graded == 0
    secret.write_text("short")
    with pytest.raises(ClassError, match="holds no secret"):
        grade(top, out)


@pytest.mark.parametrize(
    "alone, together, waiting, words",
    [(11.0, 11.0, 0.2, "too slow"), (11.0, 30.0, 9.0, "too busy"), (1.5, 40.0, 0.2, "too busy")],
)
def test_an_unfit_machine_grades_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: float, together: float, waiting: float, words: str
) -> None:
    monkeypatch.setattr(fitness, "measure", lambda jobs: fitness.Fitness(alone, together, jobs, waiting))
    top = hand_in(tmp_path / "class", ada="points 90")
    with pytest.raises(NotFit, match=words):
        grade(top, tmp_path / "out", scale=0.0)
    assert not results(tmp_path / "out")


def test_limits_follow_the_measure_in_steps() -> None:
    assert fitness.Fitness(0.9, 0.95, 2).scale == 2
    assert fitness.Fitness(1.0, 1.4, 2).scale == fitness.Fitness(1.0, 1.3, 2).scale == 3
    assert fitness.measure(1).scale >= 2


def test_a_machine_with_other_tools_refuses(tmp_path: Path) -> None:
    wanted = signature(ROOT, "boot")
    check_tools(ROOT, "boot", wanted)
    with pytest.raises(WrongTools, match="qemu is qemu-system-riscv64 [0-9.]+, not 9.9; lab boot is"):
        check_tools(ROOT, "boot", wanted | {"qemu": "9.9", "lab boot": "other"})
    top = hand_in(tmp_path / "class", ada="points 9")
    order = Order(ROOT, "boot", "ada", top / "ada.tar.gz", "x", "s", tmp_path, 2.0, tools=wanted | {"gcc": "14"}, entry=ENTRY)
    with pytest.raises(WrongTools, match="gcc"):
        run_apart(order)
    assert not (top / ".ada.tar.gz.tries").exists()


def test_versions_follow_content(tmp_path: Path) -> None:
    assert versions.digest(["ab", "c"]) != versions.digest(["a", "bc"])
    assert len(versions.lab_version(ROOT, "boot")) == 16
    assert versions.lab_version(ROOT, "boot") != versions.lab_version(ROOT, "frames")


def test_settling_again_follows_new_deadlines(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    top, out = hand_in(tmp_path / "class", ada="points 90"), tmp_path / "out"
    grade(top, out)
    due = datetime.now(UTC) - timedelta(hours=30)
    (late,) = Store(out).settle(Terms(deadlines={"boot": due}))
    assert (late.late.days, late.final) == (2, 72.0)
    assert results(out)["ada"] == late
    document = json.loads((out / "results/boot/ada.json").read_text())
    assert document["late"]["factor"] == 0.8
    (on_time,) = Store(out).settle(Terms())
    assert on_time.final == 90 and replace(on_time, late=late.late) == late


def test_a_submission_may_be_called_anything(tmp_path: Path) -> None:
    """As other systems write umlauts; or with what would be a line of the log, or steer a terminal."""
    top, out = hand_in(tmp_path / "class", ada="points 40"), tmp_path / "out"
    for name in (b"m\xfcller.tar.gz", b"eve\n[1-1] eve boot: 100 of 100.tar.gz", b"\x1b[31m[red]x[bold].tar.gz"):
        Path(os.fsdecode(os.fsencode(top) + b"/" + name)).write_text("points 40")
    summary = grade(top, out)
    assert summary.graded == 4 and not summary.stopped and len(results(out)) == 4
    log = (out / "batch.log").read_text()
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in log.splitlines())
    assert r"m\udcfcller" in log and r"eve\x0a[1-1]" in log and r"\x1b[31m[red]x[bold]" in log


def test_jobs_run_at_once(tmp_path: Path) -> None:
    top = hand_in(tmp_path / "class", **{f"s{n}": "sleep 1" for n in range(8)})
    summary = grade(top, tmp_path / "out", jobs=8)
    assert summary.seconds < 7


def test_progress_on_a_terminal_and_in_a_log(tmp_path: Path) -> None:
    """On a terminal a live line with counts, rate and time left; in the log plain lines."""
    import pty

    top, out = hand_in(tmp_path / "class", ada="points 90\nsleep 1", alan="points 40"), tmp_path / "out"
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "140"}
    child = subprocess.Popen([sys.executable, "-c", SCRIPT, top, out], cwd=ROOT, stdout=theirs, env=environment)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:  # the other end is closed
        pass
    assert child.wait() == 0
    os.close(ours)
    text = said.decode()
    assert "2/2" in text and "graded 2" in text and "/min" in text and "left" in text
    assert "\x1b" not in (out / "batch.log").read_text()
    assert "ada boot: 90 of 100" in (out / "batch.log").read_text()
    assert batch_module.number(66.666) == "66.67"
