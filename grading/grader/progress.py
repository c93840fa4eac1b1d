"""What a batch shows: a live line on a terminal, plain lines elsewhere, all of it in batch.log."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from grading.grader.members import printable
from grading.grader.result import Result, Status


def number(points: float) -> str:
    """Points as people write them: 7, 2.5, 66.67."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def outcome(result: Result) -> str:
    """A result in a few words."""
    if result.status is Status.GRADED:
        return f"{number(result.earned)} of {number(result.points)}"
    return result.status.value


def span(seconds: float) -> str:
    """Time left, as coarse as it is known."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Progress:
    """`total` submissions are to be graded; `reused` were graded before."""

    def __init__(self, total: int, reused: int, log: IO[str], bar: Any = None) -> None:
        self.total, self.reused = total, reused
        self.counts: Counter[str] = Counter()
        self.started = time.monotonic()
        self._log, self._bar = log, bar
        self._task = bar.add_task("", total=total) if bar else None

    @property
    def done(self) -> int:
        return self.counts.total()

    @property
    def per_minute(self) -> float:
        return self.done / max(time.monotonic() - self.started, 1e-3) * 60

    def say(self, text: str) -> None:
        """A line for the log, and above the live line or on the output."""
        text = printable(text)
        self._log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
        self._log.flush()
        if self._bar:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            print(text, flush=True)

    def finished(self, name: str, result: Result) -> None:
        """One more is graded."""
        self.counts[result.status.value] += 1
        left = (self.total - self.done) / self.per_minute * 60
        took = result.seconds.get("all", 0.0)
        self.say(
            f"[{self.done}/{self.total}] {result.student} {result.lab}: {outcome(result)}  "
            f"({took:.0f} s)  {name}" + ("" if self._bar else f"  {span(left)} left")
        )
        self.show()

    def show(self) -> None:
        """Brings the live line up to date."""
        if self._bar:
            counts = "  ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
            rate = f"{self.per_minute:.1f}/min"
            self._bar.update(self._task, completed=self.done, description=f"{counts}  {rate}".strip())


@contextmanager
def progress(total: int, reused: int, log: Path) -> Iterator[Progress]:
    """A Progress for one batch: live if the output is a terminal and rich is there."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        bar = _bar() if sys.stdout.isatty() and total else None
        if bar is None:
            yield Progress(total, reused, file)
            return
        with bar:
            yield Progress(total, reused, file, bar)


def _bar() -> Any:
    try:
        from rich import progress as rich
    except ImportError:
        return None
    return rich.Progress(
        rich.TextColumn("grading"), rich.BarColumn(), rich.MofNCompleteColumn(),
        rich.TextColumn("{task.description}"), rich.TimeElapsedColumn(), rich.TextColumn("left"),
        rich.TimeRemainingColumn(),
    )  # fmt: skip
