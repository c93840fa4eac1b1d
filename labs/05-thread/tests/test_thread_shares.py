"""Lab 5, exercise 7: stride scheduling. See test_switch.py."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from thread_model import Log, Numbers, new_input

from labs.grade import fail


@pytest.mark.points(4, exercise=7)
def test_shares_follow_the_weights(play: Callable[..., Log], rng: random.Random) -> None:
    """Round robin gives equal time, stride scheduling time in proportion to the weights."""
    sleepers = ("", ", thread 0 asleep in the first", ", all but thread 0 asleep in the first")
    for policy, late in (("", 0), ("stride", 0), ("stride", 1), ("stride", 2)):
        seed, count, half = new_input(rng), rng.randint(3, 5), 1500
        log = play(
            "shares",
            seed,
            icount="shift=7",
            timeout=20,
            policy=policy or "roundrobin",
            threads=count,
            milliseconds=half,
            late=late,
        )
        numbers = Numbers(seed)
        weights = [256 << numbers.below(4) for _ in range(count)]
        middle = [log.take("a count") for _ in range(count)]
        end = [log.take("a count") for _ in range(count)]
        for part, counts in (("first", middle), ("second", [e - m for e, m in zip(end, middle)])):
            shares = weights if policy else [1] * count
            if late and part == "first":
                shares = [0, *shares[1:]] if late == 1 else [1] + [0] * (count - 1)
            total, whole = sum(counts), sum(shares)
            for index, (seen, share) in enumerate(zip(counts, shares)):
                seen_percent, percent = 100 * seen / max(total, 1), 100 * share / whole
                if abs(seen_percent - percent) > 4:
                    fail(
                        f"{policy or 'round robin'}, weights {weights}, {part} half"
                        f"{sleepers[late]}: thread {index} had "
                        f"{seen_percent:.1f} % of the time, expected {percent:.1f} %",
                        "the lowest pass runs next; pass grows by time / weight; who comes from a "
                        "sleep starts where the others are now, and who runs alone is one of them",
                    )
