"""Floor block in QEMU: its kernel tests on a scratch disk, and what the host sees of the disk."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from tests.conftest import Start, flusher_turns

from grading.disk import fsck, make_image
from grading.machine import Machine
from grading.qemu import POWER_OFF, Disk
from grading.tree import file

MARK = b"goose scratch disk"
FIRST, SECTORS = 64, 4096  # the area that the kernel tests write to


def scratch(path: Path) -> Path:
    path.write_bytes(MARK.ljust(8 << 20, b"\0"))
    return path


def run_tests(start: Start, build: Path, disk: Disk, glob: str, append: str = "", **more) -> str:
    run = start(kernel=build / "goose.elf", disks=[disk], append=f"ktest={glob} {append}", **more)
    assert run.wait_exit(120) == POWER_OFF
    return run.console.text


@pytest.mark.parametrize("queue_size,smp", [(4, 1), (8, 2), (256, 2), (1024, 1)])
def test_kernel_tests(
    start: Start, build: Path, tmp_path: Path, seed: int, queue_size: int, smp: int
) -> None:
    disk = Disk(scratch(tmp_path / "disk.img"), "direct", properties=f"queue-size={queue_size}")
    text = run_tests(start, build, disk, "block_*", f"seed={seed}", smp=smp)
    assert "no scratch disk" not in text


def test_each_sector_holds_what_was_written(
    start: Start, build: Path, tmp_path: Path, seed: int
) -> None:
    image = scratch(tmp_path / "disk.img")
    run_tests(start, build, Disk(image, "direct"), "block_transfers_arrive", f"seed={seed}", smp=2)
    content = image.read_bytes()
    written = 0
    for number in range(SECTORS):
        words = struct.unpack_from("<64Q", content, (FIRST + number) * 512)
        if any(words):
            written += 1
            assert words == (number, words[1]) * 32 and 1 <= words[1] <= 200
    assert written > SECTORS // 2
    assert content[:18] == MARK and not any(content[18 : FIRST * 512])


def test_errors_of_the_disk(start: Start, build: Path, tmp_path: Path) -> None:
    rules = "".join(
        f'[inject-error]\nevent = "none"\niotype = "{kind}"\nerrno = "5"\nsector = "2048"\n\n'
        for kind in ("read", "write")
    )
    disk = Disk(scratch(tmp_path / "disk.img"), "direct", blkdebug=rules)
    run_tests(start, build, disk, "block_errors_are_told", "bad_sector=2048")


def test_old_interface_is_named(start: Start, build: Path, tmp_path: Path) -> None:
    run = start(
        kernel=build / "goose.elf",
        disks=[Disk(scratch(tmp_path / "disk.img"), "direct")],
        append="ktest=block_refuses*",
        extra=["-global", "virtio-mmio.force-legacy=true"],
    )
    run.wait_exit(60)
    assert "run QEMU with -global virtio-mmio.force-legacy=false" in run.console.text


def write_log(path: Path) -> tuple[list[tuple[int, int]], int]:
    """The writes (first sector, sectors) and the number of flushes that blklogwrites recorded."""
    data = path.read_bytes()
    magic, _, count, sector_size = struct.unpack_from("<QQQI", data)
    assert magic == 0x6A736677736872
    writes, flushes, at = [], 0, sector_size
    for _ in range(count):
        sector, sectors, flags, length = struct.unpack_from("<QQQQ", data, at)
        at += sector_size + (0 if flags & 4 else sectors * sector_size)
        if flags & 1:
            flushes += 1
        elif not flags & 4:
            writes.append((sector * sector_size // 512, sectors * sector_size // 512))
    return writes, flushes


def test_write_back_is_joined_and_ascending(start: Start, build: Path, tmp_path: Path) -> None:
    """One megabyte and sync: few requests, none of it twice, one flush."""
    image, log = tmp_path / "disk.img", tmp_path / "writes.log"
    make_image(image, "16M")
    run = start(
        kernel=build / "goose.elf",
        append="root=/dev/vda",
        disks=[Disk(build / "disk.img", "snapshot"), Disk(image, "direct", log=log)],
    )
    run.wait_prompt(60)
    run.check("mount /dev/vdb /mnt && sync")
    (before, flushes_before), start_time = write_log(log), time.monotonic()
    run.check("dd if=/dev/zero of=/mnt/f bs=4096 count=256")
    run.check("sync")
    writes, flushes = write_log(log)
    of_the_flusher = flusher_turns(start_time)
    writes = writes[len(before) :]
    assert run.power_off(60) == POWER_OFF
    fsck(image)
    assert sum(sectors for _, sectors in writes) in range(2048, 2048 + 12 * 8)
    assert len(writes) <= 256 // 16 + 14, writes
    assert flushes - flushes_before <= 1 + of_the_flusher
    data = [sector for sector, sectors in writes if sectors >= 64]
    assert data == sorted(data)


def test_reading_from_front_to_back_is_joined(start: Start, build: Path, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "16M", {"/f": file(bytes(range(256)) * 4096)})
    run = start(
        kernel=build / "goose.elf",
        append="root=/dev/vda",
        disks=[Disk(build / "disk.img", "snapshot"), Disk(image, "direct")],
    )
    run.wait_prompt(60)
    run.check("mount -o ro /dev/vdb /mnt && ls /mnt")
    before = reads(run)
    assert run.check("cat /mnt/f | wc -c").strip() == "1048576"
    assert reads(run) - before <= 1048576 // 65536 + 4


def reads(run: Machine) -> int:
    """How many read requests the second disk has had."""
    stats = run.monitor.execute("query-blockstats")
    return int(next(s for s in stats if s.get("device") == "d1")["stats"]["rd_operations"])
