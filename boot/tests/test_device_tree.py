"""The device tree reader on the host: on trees made by hand, and on QEMU's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def test_every_query_and_every_damage(host_programs: Path) -> None:
    done = subprocess.run([host_programs / "device_tree_test"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("memory", "harts"), [(32, 1), (4096, 8)])
def test_reads_what_qemu_was_told(
    memory: int, harts: int, host_programs: Path, tmp_path: Path
) -> None:
    blob, initrd = tmp_path / "tree", tmp_path / "initrd"
    initrd.write_bytes(b"x" * 12345)
    command = ["qemu-system-riscv64", "-machine", f"virt,dumpdtb={blob}", "-m", f"{memory}M"]
    command += ["-smp", str(harts), "-display", "none", "-kernel", str(initrd)]
    command += ["-initrd", str(initrd), "-append", "init=/bin/sh seed=7"]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    shown = subprocess.run(
        [host_programs / "device_tree_test", blob], check=True, capture_output=True, text=True
    ).stdout
    assert shown.splitlines() == [
        f"memory 80000000 {memory << 20:x}",
        f"cpus {harts}",
        "bootargs init=/bin/sh seed=7",
        "initrd 12345",
        "clock 10000000",
        "virtio 8",
    ]
