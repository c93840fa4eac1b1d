"""What the tests of Lab 10 share: `tool`, which runs scripts on goose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ext2_host import Tool

from grading.machine import Machine


@pytest.fixture
def tool(start: Callable[..., Machine], folder: Path, program: Callable[[str], Path]) -> Tool:
    return Tool(start, folder, program("ext2_script"))
