"""Whether this machine is fit to grade, and how long its tests may take: measured at the start.

    fitness = measure(jobs=2)
    fitness.complaint              "" or a sentence, and then nobody is graded
    fitness.scale                  what limits of wall time are multiplied by

The measure is grading.timing's: a fixed amount of work for QEMU's translator. It is taken alone, which
shows the machine, and `jobs` times at once, which shows it at the work that the batch will make.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grading.timing import PATIENCE, calibrate

# Limits grow in steps, so that two runs on one machine mostly have the same.
STEPS = (2, 3, 4, 6, 8, 12, 16, 24, 32)
BUSY = 1.5  # others for each processor: it is they who are slow
SLOW = 10.0  # times the reference, alone: nothing that is timed means anything below that


@dataclass(frozen=True)
class Fitness:
    """Factors of the reference machine's time; `scale` is for limits."""

    alone: float
    together: float
    jobs: int
    waiting: float = 0.0  # processes of others for each processor, when it was measured

    @property
    def scale(self) -> float:
        need = max(1.0, self.alone, self.together) * PATIENCE
        return float(next((step for step in STEPS if step >= need), need))

    @property
    def complaint(self) -> str:
        if self.alone > SLOW and self.waiting < BUSY:
            return (
                f"this machine is too slow to grade: QEMU takes {self.alone:.1f} times as long as on the "
                f"reference machine, and {SLOW:.0f} is the most. Nothing was graded: use another machine"
            )
        if self.alone > SLOW or self.scale > STEPS[-1]:
            return (
                f"this machine is too busy to grade: {self.jobs} jobs at once take {self.together:.1f} "
                f"times as long as on the reference machine, one alone {self.alone:.1f} times. Nothing was "
                "graded: end other work on it, or use fewer --jobs"
            )
        return ""

    def describe(self) -> dict[str, str]:
        """For the record in each result."""
        return {"alone": f"{self.alone:.2f}", "together": f"{self.together:.2f}", "scale": f"{self.scale:g}"}


def measure(jobs: int) -> Fitness:
    """Takes about two seconds on a machine that does nothing else."""
    waiting = os.getloadavg()[0] / cores()
    alone = min(calibrate() for _ in range(3))
    with ThreadPoolExecutor(jobs) as pool:
        together = max(pool.map(lambda _: calibrate(), range(jobs)))
    return Fitness(alone, together, jobs, waiting)


def busy_ticks() -> tuple[float, float]:
    """Ticks that this machine's processors were busy since it started, and ticks in all."""
    with open("/proc/stat") as file:
        values = [float(value) for value in file.readline().split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def fitting_jobs() -> int:
    """How many submissions at once keep all processors busy: each waits a quarter of its time."""
    return cores() + (cores() + 1) // 2
