"""What the tests of Lab 5 share: `play`, which runs a probe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from thread_model import EXACT, Log, read_log

from grading.machine import Machine
from grading.symbols import Symbols


@pytest.fixture
def play(start: Callable[..., Machine], symbols: Symbols) -> Callable[..., Log]:
    """play(probe, seed, option=value …) runs a probe on one hart and returns its log."""

    def run(
        probe: str, seed: int, icount: str = EXACT, timeout: float = 10, **inputs: object
    ) -> Log:
        words = [f"{name}={value}" for name, value in inputs.items()]
        append = f"ktest=threadlab_{probe} seed_input={seed} {' '.join(words)}"
        machine = start(append=append, icount=icount)
        machine.suspects = ["tbreak threadlab::probe_done", "continue", "goose-threads"]
        return read_log(machine, symbols, timeout)

    return run
