"""The random numbers and the hash of the labs' programs and probes (labs/lab.h, kernel/base/random.h), on
the host: from the same seed both sides draw the same, and so the host knows what must come out.
"""

from __future__ import annotations

import random

MASK = (1 << 64) - 1
FNV_START, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class Numbers:
    """lab_seed(), lab_next() and lab_below()."""

    def __init__(self, seed: int) -> None:
        self.state = seed & MASK or 0x9E3779B97F4A7C15

    def next(self) -> int:
        state = self.state
        state ^= state >> 12
        state ^= state << 25 & MASK
        state ^= state >> 27
        self.state = state
        return state * 0x2545F4914F6CDD1D & MASK

    def below(self, bound: int) -> int:
        return self.next() % bound

    def letters(self, size: int) -> bytes:
        return bytes(97 + self.below(26) for _ in range(size))


def fnv(data: bytes, value: int = FNV_START) -> int:
    """lab_hash()."""
    for byte in data:
        value = (value ^ byte) * FNV_PRIME & MASK
    return value


def new_input(rng: random.Random) -> int:
    """A seed for a program, as its argument."""
    return rng.getrandbits(40) + 1
