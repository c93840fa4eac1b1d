"""goose's C library against the host's: tests/programs/libc.c built with both prints the same.

goose's build runs under qemu-riscv64, so it also shows that the library works on Linux.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).resolve()
SOURCE = ROOT / "tests/programs/libc.c"
CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
QEMU = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")

pytestmark = [
    pytest.mark.skipif(QEMU is None, reason="qemu-riscv64 is missing (package qemu-user)"),
    pytest.mark.skipif(not (BUILD / "user/libc.a").exists(), reason=f"no library in {BUILD}"),
]


def output(*command: str | Path) -> list[str]:
    environment = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True)
    return done.stdout.decode(errors="replace").splitlines()


def test_same_results_as_the_hosts_library(tmp_path: Path) -> None:
    host, goose = tmp_path / "host", tmp_path / "goose"
    output("gcc", "-w", "-D_GNU_SOURCE", SOURCE, "-o", host)
    own_include = output(f"{CROSS}gcc", "-print-file-name=include")[0]
    output(
        f"{CROSS}gcc", "-w", "-std=gnu11", "-march=rv64gc", "-mabi=lp64d", "-fno-pie",
        "-fno-stack-protector", "-nostdinc", "-isystem", own_include,
        f"-I{ROOT}/user/lib/include", f"-I{ROOT}/kernel", f"-I{BUILD}/gen",
        "-static", "-nostdlib", "-no-pie", BUILD / "user/crt0.o", SOURCE, BUILD / "user/libc.a",
        "-lgcc", "-o", goose,
    )
    assert output(str(QEMU), goose) == output(host)
