"""The same batch on Dask: identical results, lost workers, refused workers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grading.grader import cluster
from grading.grader.cluster import ClusterPool
from grading.grader.parcel import pack, submission_digest
from grading.grader.result import Status
from grading.grader.roster import ClassError
from grading.grader.work import WrongTools
from grading.tests.test_batch import grade, hand_in, results
from labs.course import ROOT


@contextmanager
def workers_watched(pools: list[ClusterPool], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the pool of a batch known to the test."""
    opened = ClusterPool.__enter__

    def enter(pool: ClusterPool) -> ClusterPool:
        pools.append(pool)
        return opened(pool)

    monkeypatch.setattr(ClusterPool, "__enter__", enter)
    yield


def both(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders for results with one secret."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "class.secret").write_text("a secret of the class\n")
    return tmp_path / "here", tmp_path / "there"


def without_times(out: Path) -> dict[str, Any]:
    return {key: result.without_times() for key, result in results(out).items()}


def test_a_lost_worker_costs_nobody_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = both(tmp_path)
    top = hand_in(tmp_path / "class", **{f"s{n}": f"points {n}\nsleep 1" for n in range(6)})
    (top / "folder" / "kernel").mkdir(parents=True)
    (top / "folder" / "wish.txt").write_text("points 77")
    grade(top, here, jobs=4)
    for counter in top.glob(".*.tries"):
        counter.unlink()
    pools: list[ClusterPool] = []
    killed: list[int] = []

    def kill_one() -> None:
        while not pools or not list(there.glob("runs/*/*/*.json")):
            time.sleep(0.05)
        pids = pools[0]._client.run(os.getpid)
        killed.append(next(iter(pids.values())))
        os.kill(killed[0], signal.SIGKILL)

    with workers_watched(pools, monkeypatch):
        killer = threading.Thread(target=kill_one)
        killer.start()
        summary = grade(top, there, cluster="local:2")
        killer.join()
    assert killed and summary.graded == 7 and summary.errors == 0
    assert len(results(here)) == 7 and without_times(here) == without_times(there)
    assert not list(top.glob(".*.tries"))  # what was graded had travelled


def test_a_submission_that_kills_its_workers_stops_nobody_else(tmp_path: Path) -> None:
    import dask

    top = hand_in(tmp_path / "class", ada="points 9", mallory="murder", alan="points 8")
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        summary = grade(top, tmp_path / "out", cluster="local:2")
    found = results(tmp_path / "out")
    assert (found["ada"].earned, found["alan"].earned, summary.stopped) == (9, 8, "")
    assert found["mallory"].status is Status.ERROR
    assert found["mallory"].notes == ("grader error: all workers that graded it were lost",)


def test_a_worker_with_other_tools_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = hand_in(tmp_path / "class", ada="points 9")
    wanted = cluster.signature(ROOT, "boot") | {"qemu": "qemu-system-riscv64 9.9"}
    monkeypatch.setattr(cluster, "signature", lambda root, lab: wanted)
    with pytest.raises(ClassError) as caught:
        grade(top, tmp_path / "out", cluster="local:1")
    for word in ("1 of 1 workers", "qemu is qemu-system-riscv64", "not qemu-system-riscv64 9.9", "same version"):
        assert word in str(caught.value)
    assert not (top / ".ada.tar.gz.tries").exists()


def test_a_worker_that_turns_out_unfit_leaves_and_others_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that comes late was not asked at the start: it says so with its first submission."""
    top, out = hand_in(tmp_path / "class", **{f"s{n}": f"points {n}" for n in range(4)}), tmp_path / "out"

    def spoil(dask_worker: Any) -> None:
        import grading.grader.work as work

        def refuse(root: Path, lab: str, wanted: dict[str, str]) -> None:
            raise WrongTools("host: gcc is 99")

        work.check_tools = refuse  # type: ignore[assignment]

    started = ClusterPool._check_all

    def check_then_spoil(pool: ClusterPool) -> None:
        started(pool)
        first = next(iter(pool._client.nthreads()))
        pool._client.run(spoil, workers=[first])

    closed, left = ClusterPool._close, []

    def count_and_close(pool: ClusterPool) -> None:
        left.append(len(pool._client.nthreads()))
        closed(pool)

    monkeypatch.setattr(ClusterPool, "_check_all", check_then_spoil)
    monkeypatch.setattr(ClusterPool, "_close", count_and_close)
    summary = grade(top, out, cluster="local:2")
    assert left == [1]
    assert summary.graded == 4 and summary.errors == 0 and not summary.stopped
    assert "is refused and leaves the cluster: host: gcc is 99" in (out / "batch.log").read_text()


def test_without_any_worker_left_the_batch_stops_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, out = hand_in(tmp_path / "class", ada="points 9"), tmp_path / "out"
    checked = ClusterPool._check_all

    def check_then_retire(pool: ClusterPool) -> None:
        checked(pool)
        pool._client.retire_workers(list(pool._client.nthreads()), close_workers=True)

    with monkeypatch.context() as patched:
        patched.setattr(cluster, "PATIENCE", 1.0)
        patched.setattr(ClusterPool, "_check_all", check_then_retire)
        summary = grade(top, out, cluster="local:1")
    assert "has no workers left" in summary.stopped and summary.graded == 0
    assert grade(top, out).graded == 1


@pytest.mark.parametrize("where", ["local:0", "local:x", "tcp://127.0.0.1:1"])
def test_no_cluster_there_is_said(tmp_path: Path, where: str) -> None:
    with pytest.raises(ClassError, match=f"--cluster {where}"):
        ClusterPool(where, ROOT, ["boot"], tmp_path)


def test_a_parcel_arrives_as_it_was(tmp_path: Path) -> None:
    tree = tmp_path / "ada"
    (tree / "kernel").mkdir(parents=True)
    (tree / "kernel" / "a.cc").write_bytes(b"\xff\x00")
    (tree / "link").symlink_to("/etc")
    (tree / "build").mkdir()
    (tree / "build" / "big").write_text("not taken")
    os.mkfifo(tree / "pipe")
    (tmp_path / "there").mkdir()
    arrived = pack(tree).unpack(tmp_path / "there")
    assert (arrived / "kernel" / "a.cc").read_bytes() == b"\xff\x00"
    assert os.readlink(arrived / "link") == "/etc"
    assert not (arrived / "build").exists()
    os.mkfifo(arrived / "pipe")
    assert submission_digest(arrived) == submission_digest(tree)
