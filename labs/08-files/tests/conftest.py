"""The fixture of lab 8's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from files_host import Launcher

from grading.machine import Machine


@pytest.fixture
def launch(
    start: Callable[..., Machine], folder: Path, program: Callable[[str], Path], build: Path
) -> Launcher:
    return Launcher(start, folder, program, build)
