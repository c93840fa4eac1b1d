"""Wall-clock limits that fit the machine they run on.

A limit is written in seconds of an unloaded reference machine and multiplied by a factor: that
of a calibration (a fixed amount of work for QEMU's translator, timed once per session), or the
variable GOOSE_TIME_SCALE where one is set. Whatever else the machine does meanwhile does not count:
a `Deadline` moves on by the time for which the process that it is about, or ours, waits for a core.
"""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

VARIABLE = "GOOSE_TIME_SCALE"
# The calibration's time on an unloaded two-core machine (measured: 0.17 s), and the patience that
# every limit gets on top, because a test run is itself a load.
REFERENCE_SECONDS = 0.17
PATIENCE = 2.0


def spin_program(rounds: int) -> bytes:
    """Machine code for 0x80000000: counts `rounds` down, then powers off with status 0."""
    high, low = (rounds + 0x800) >> 12, rounds & 0xFFF
    return struct.pack(
        "<9I",
        0x000002B7 | high << 12,  # lui t0, high
        0x0002829B | low << 20,  # addiw t0, t0, low
        0xFFF28293,  # 1: addi t0, t0, -1
        0xFE029EE3,  # bnez t0, 1b
        0x00100337,  # lui t1, 0x100: the sifive_test device
        0x000053B7,  # lui t2, 0x5
        0x5553839B,  # addiw t2, t2, 0x555: "pass"
        0x00732023,  # sw t2, 0(t1)
        0x0000006F,  # j .
    )


def calibrate() -> float:
    """Times the fixed work and returns how much slower than the reference this machine is now."""
    return _spin()[0] / REFERENCE_SECONDS


def _spin() -> tuple[float, float]:
    """How long the fixed work takes, and how much of a core's time. No other child may end meanwhile."""
    with tempfile.TemporaryDirectory(prefix="goose-calibrate-") as folder:
        program = Path(folder, "spin.bin")
        program.write_bytes(spin_program(100_000_000))
        command = ["qemu-system-riscv64", "-machine", "virt", "-m", "32M", "-bios", str(program)]
        started, used = time.monotonic(), _children()
        subprocess.run([*command, "-display", "none"], check=True, timeout=120)
        return time.monotonic() - started, _children() - used


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@cache
def scale() -> float:
    """The factor for this process: measured at most once, never below 1."""
    given = os.environ.get(VARIABLE)
    return max(1.0, float(given)) if given else max(1.0, _spin()[1] / REFERENCE_SECONDS) * PATIENCE


def scaled(seconds: float) -> float:
    return seconds * scale()


def waits(*processes: int) -> dict[str, float]:
    """For how many seconds each thread of these processes was ready to run and had no core.

    Empty where the kernel does not tell (/proc/PID/task/TID/schedstat), or the processes have ended.
    """
    found = {}
    for process in processes:
        for place in Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                found[place.parent.name] = int(place.read_text().split()[1]) / 1e9
            except (OSError, IndexError):
                continue
    return found


def innermost(process: int) -> int:
    """The last of a chain of children: QEMU, of the process that keeps it in its jail."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(place.read_text().rsplit(")", 1)[1].split()[1])] = int(place.parent.name)
        except (OSError, IndexError):
            continue
    while process in parents:
        process = parents[process]
    return process


class Deadline:
    """A limit of `seconds` (unloaded, unscaled) from now on for what `process` is to do.

    It moves on by the wait of the thread that waited most. (Not by all waits together: several
    threads that wait at once would wait for more than the time that goes by, and it never ran out.)
    """

    def __init__(self, seconds: float, process: int | None = None) -> None:
        self.seconds = scaled(seconds)
        self._processes = [os.getpid(), *([process] if process else [])]
        self._before = waits(*self._processes)
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds until it runs out, if no thread has to wait for a core; 0 once it has run out."""
        left = self._end - time.monotonic()
        if left <= 0:
            now = waits(*self._processes).items()
            left += max((wait - self._before.get(thread, 0) for thread, wait in now), default=0.0)
        return max(0.0, left)
