"""The same batch on a Dask cluster, through the `concurrent.futures` interface that it has.

    with ClusterPool("local:2", root, labs, work) as pool: …           two workers on this machine
    with ClusterPool("tcp://head:8786", root, labs, work) as pool: …   started by `goose-grade worker`

Submissions travel with their orders; results come back, and only the batch writes files. Workers need
a tree of the same version and the same tools: one that has not is refused by name. What a lost
worker had is graded by another.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from grading.grader import parcel
from grading.grader.pool import PoolLost
from grading.grader.roster import ClassError
from grading.grader.work import Graded, NotFit, Order, WrongTools, check_tools, clear, failure, run_apart, signature

PACKAGE = "python3-distributed"
PATIENCE = 30.0  # seconds for a lost worker to come back, where it was the last
WORK = "GOOSE_GRADE_WORK"  # a worker's folder for its cache and for submissions while they are graded


@dataclass(frozen=True)
class Refused:
    """A worker's answer instead of a result; it grades nothing."""

    worker: str
    why: str


def own_root() -> Path:
    """The tree that this process runs from."""
    return Path(__file__).resolve().parent.parent.parent


def on_worker(order: Order) -> Graded | Refused:
    """Runs on a worker of the cluster."""
    from distributed import get_worker

    worker = get_worker()
    order = replace(order, root=own_root(), work=Path(os.environ[WORK]))
    try:
        return run_apart(order, worker.state.nthreads)
    except (WrongTools, NotFit) as error:
        return Refused(worker.address, str(error))


def tools_of_worker(labs: Iterable[str], wanted: dict[str, dict[str, str]]) -> str:
    """Runs on a worker: what it has that the batch must not have, as a sentence."""
    try:
        for lab in labs:
            check_tools(own_root(), lab, wanted[lab])
    except WrongTools as error:
        return str(error)
    return ""


def _client(where: str, work: Path, jobs: int) -> tuple[Any, Any]:
    """A client of the cluster at the address, or of one made here for `jobs`; and what was made."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise ClassError(f"--cluster needs Debian's {PACKAGE}: apt-get install {PACKAGE}") from None
    dask.config.set({"distributed.worker.daemon": False, "distributed.comm.timeouts.connect": "10s"})
    if not where.startswith("local:"):
        try:
            return Client(where, timeout="10s", set_as_default=False), None
        except (OSError, ValueError, TimeoutError) as error:
            raise ClassError(f"--cluster {where}: no scheduler answers there: {error}") from None
    count = where.removeprefix("local:")
    if not count.isdigit() or int(count) < 1:
        raise ClassError(f"--cluster {where}: write local:N with the number of workers, or an address")
    work.mkdir(parents=True, exist_ok=True)
    cluster = LocalCluster(
        n_workers=int(count), threads_per_worker=max(1, math.ceil(jobs / int(count))), processes=True, host="127.0.0.1",
        dashboard_address=None, memory_limit=None, silence_logs=50, local_directory=str(work),
        env=worker_environment(work),
    )  # fmt: skip
    return Client(cluster, set_as_default=False), cluster


class ClusterPool:
    """See above. `labs` are those that will be graded: workers are asked about them at the start."""

    def __init__(
        self, where: str, root: Path, labs: Iterable[str], work: Path, jobs: int = 1,
        say: Callable[[str], object] = print,
    ) -> None:  # fmt: skip
        self.where, self.root, self.say = where, root, say
        self._tools = {lab: signature(root, lab) for lab in labs}
        self._client, self._cluster = _client(where, work, jobs)
        self._answers = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._refused: set[str] = set()
        self._alive = time.monotonic()
        try:
            self._check_all()
            self._executor: Executor = self._client.get_executor(pure=False)
        except BaseException:
            self._close()
            raise

    def _check_all(self) -> None:
        """Refuses the whole batch if a worker that is there would grade otherwise."""
        answers = self._client.run(tools_of_worker, list(self._tools), self._tools)
        wrong = [f"  {worker}: {said}" for worker, said in answers.items() if said]
        if wrong:
            raise ClassError(
                f"--cluster {self.where}: {len(wrong)} of {len(answers)} workers would grade otherwise than "
                "this machine:\n" + "\n".join(wrong) + "\nBring them to the same version, or stop them"
            )
        if not answers:
            raise ClassError(f"--cluster {self.where}: there are no workers: start some by `goose-grade worker`")

    def slots(self) -> int:
        """As many as the workers of this moment take at once. PoolLost if there are none for a while."""
        slots = sum(self._client.nthreads().values())
        if slots:
            self._alive = time.monotonic()
        elif time.monotonic() - self._alive > PATIENCE:
            raise PoolLost(f"{self.where} has no workers left")
        return slots

    def submit(self, order: Order) -> Future[Graded]:
        sent = replace(order, parcel=parcel.pack(order.path), tools=self._tools[order.lab])
        outer: Future[Graded] = Future()
        self._send(sent, outer)
        return outer

    def _send(self, order: Order, outer: Future[Graded], tries: int = 3) -> None:
        """Fills `outer` from the cluster; goes elsewhere when a worker refuses or is lost."""
        try:
            inner = self._executor.submit(on_worker, order)
        except Exception as error:  # noqa: BLE001
            outer.set_exception(PoolLost(f"{self.where}: {type(error).__name__}: {error}"))
        else:
            inner.add_done_callback(lambda done: self._hand_over(order, outer, tries, done))

    def _hand_over(self, order: Order, outer: Future[Graded], tries: int, inner: Future[Any]) -> None:
        """Dask calls back in its own loop, where nothing may wait for Dask."""
        with contextlib.suppress(RuntimeError):  # the pool is closed
            self._answers.submit(self._arrived, order, outer, tries, inner)

    def _arrived(self, order: Order, outer: Future[Graded], tries: int, inner: Future[Any]) -> None:
        try:
            answer = inner.result()
        except BaseException as error:  # noqa: BLE001  (whatever Dask makes of a lost worker)
            lost = type(error).__name__ == "KilledWorker"
            if lost and tries > 1:
                self.say(f"{order.student} {order.lab}: the workers that had it were lost; once more")
                self._send(order, outer, tries - 1)
            elif lost:
                outer.set_result(Graded(failure(order, "all workers that graded it were lost")))
            else:
                outer.set_exception(PoolLost(f"{order.name}: {type(error).__name__}: {error}"))
            return
        if not isinstance(answer, Refused):
            outer.set_result(answer)
            return
        if answer.worker not in self._refused:
            self._refused.add(answer.worker)
            self.say(f"worker {answer.worker} is refused and leaves the cluster: {answer.why}")
            with contextlib.suppress(Exception):
                self._client.retire_workers([answer.worker], close_workers=True)
        self._send(order, outer, tries)

    def _close(self) -> None:
        self._answers.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
        if self._cluster:
            with contextlib.suppress(Exception):
                self._cluster.close(timeout=10)

    def __enter__(self) -> ClusterPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()


def worker_environment(work: Path) -> dict[str, str]:
    """What a worker's process must know."""
    paths = [str(own_root()), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), WORK: str(work.absolute())}


def run_worker(address: str, jobs: int, work: Path) -> int:
    """Makes this machine a worker of the cluster, until it is stopped."""
    clear(work)
    work.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", str(jobs),
        "--nworkers", "1", "--no-dashboard", "--local-directory", str(work), "--memory-limit", "0",
    ]  # fmt: skip
    return subprocess.run(command, env=os.environ | worker_environment(work)).returncode
