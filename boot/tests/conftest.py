"""Builds what the boot stage's tests need, once, whichever worker comes first."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).absolute()


def make(*words: str) -> None:
    """Runs boot/boot.mk; one make at a time, because workers share the build folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "boot-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "-s", "-f", "boot/boot.mk", f"B={BUILD}", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="session")
def host_programs() -> Path:
    """The folder of elf_check and device_tree_test."""
    make("boot-host")
    return BUILD / "boot/host"


@pytest.fixture
def stage(tmp_path: Path) -> Callable[[bytes], Path]:
    """stage(payload) is the boot stage with these bytes as the kernel it carries."""

    def build(payload: bytes) -> Path:
        kernel, out = tmp_path / "payload", tmp_path / "stage.elf"
        kernel.write_bytes(payload)
        make("stage", f"PAYLOAD={kernel}", f"STAGE={out}")
        return out

    return build
