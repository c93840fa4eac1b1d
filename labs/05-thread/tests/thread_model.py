"""What the host needs to foretell the probes of labs/05-thread/kernel: their random numbers, and
the log that they leave in the machine's memory."""

from __future__ import annotations

import random
import struct

from grading.machine import Machine
from grading.symbols import Symbols

LINEAR_BASE = 0xFFFFFFC000000000
MASK = (1 << 64) - 1


class Numbers:
    """kernel/base/random.h: the same numbers from the same seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK or 0x9E3779B97F4A7C15

    def next(self) -> int:
        state = self._state
        state ^= state >> 12
        state ^= state << 25 & MASK
        state ^= state >> 27
        self._state = state
        return state * 0x2545F4914F6CDD1D & MASK

    def below(self, bound: int) -> int:
        return self.next() % bound


def new_input(rng: random.Random) -> int:
    """A number for seed_input=."""
    return rng.getrandbits(40) + 1


def schedules(seed: int, count: int) -> list[tuple[int, int]]:
    """with_schedules() of thread_probe.h: (seed of the switches, seed of the game) of each round."""
    numbers = Numbers(seed)
    rounds = []
    for number in range(count):
        switches = 0 if number == 0 else 1 + numbers.below(1_000_000)
        rounds.append((switches, numbers.next()))
    return rounds


def read_log(machine: Machine, symbols: Symbols, timeout: float = 10) -> list[int]:
    """Waits for the probe to complete its log, and reads it."""
    machine.expect(r"^probe: done", timeout)
    machine.stop()
    at = symbols.address("thread_log_used") - LINEAR_BASE
    (used,) = struct.unpack("<Q", machine.read_memory(at, 8))
    at = symbols.address("thread_log") - LINEAR_BASE
    return list(struct.unpack(f"<{used}Q", machine.read_memory(at, 8 * used))) if used else []
