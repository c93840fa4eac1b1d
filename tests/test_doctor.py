"""doctor finds this machine fit, and names a fault in one sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.conftest import ROOT


def doctor(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/python3", str(ROOT / "tools/doctor.py"), *words]
    variables = os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)


@pytest.mark.slow
def test_doctor_builds_and_boots(build: Path) -> None:
    done = doctor("--build", str(build))
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("doctor: this machine builds, boots and tests goose.\n")


def test_doctor_names_a_missing_compiler() -> None:
    done = doctor("--no-boot", CROSS_COMPILE="riscv128-")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("doctor: riscv128-g++ is missing: install")


def test_doctor_names_an_old_tool(tmp_path: Path) -> None:
    old = tmp_path / "qemu-system-riscv64"
    old.write_text("#!/bin/sh\necho QEMU emulator version 5.2.0\n")
    old.chmod(0o755)
    done = doctor("--no-boot", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "qemu-system-riscv64 is version 5.2.0" in done.stdout.splitlines()[-1]


def test_need_prints_nothing_when_nothing_is_missing() -> None:
    command = [str(ROOT / "tools/need.sh"), "sh:dash", "coreutils"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_need_names_what_it_cannot_install() -> None:
    command = [str(ROOT / "tools/need.sh"), "no-such-command:no-such-package"]
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", *command]
        if os.getuid() == 0
        else command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1 and "no-such-package" in done.stderr
