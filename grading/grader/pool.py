"""Where a batch's submissions are graded: this machine's cores, or a cluster (cluster.py).

    with LocalPool(jobs=2) as pool:
        future = pool.submit(order)       # of Graded

Both are `concurrent.futures`; a batch keeps `slots()` and a few more in flight.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

from grading.grader.work import Graded, Order, run_apart


class PoolLost(Exception):
    """There is nobody left who could grade; the message says why."""


class Pool(Protocol):
    """`submit` may raise PoolLost, as may the future; nothing else comes out of it but Graded."""

    def submit(self, order: Order) -> Future[Graded]: ...
    def slots(self) -> int: ...
    def __enter__(self) -> Pool: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LocalPool:
    """`jobs` processes at once on this machine; each is watched by a thread and dies with it."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="grade")

    def submit(self, order: Order) -> Future[Graded]:
        return self._threads.submit(run_apart, order, self.jobs)

    def slots(self) -> int:
        return self.jobs

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=error is None, cancel_futures=True)
