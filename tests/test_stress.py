"""Whatever programs and disks do: no panic, no hang, nothing lost, and the shell answers afterwards.

`make test` runs a small part of this, `make stress` (GOOSE_STRESS=all) all of it: the programs of
user/stress on four harts, and a thousand damaged disks. SECONDS is for how long the system calls
are tried, IMAGES how many disks. Another GOOSE_SEED tries others.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.conftest import BUILD, Start
from tests.damage import damaged, whole_image
from tests.test_exhaustion import check_alive
from tests.test_leaks import counts

from grading.disk import DiskError, fsck, make_image
from grading.errors import GuestError
from grading.machine import Machine
from grading.qemu import Disk
from grading.shell import Ran

ALL = os.environ.get("GOOSE_STRESS") == "all"
SECONDS = int(os.environ.get("SECONDS", 60 if ALL else 3))
IMAGES = int(os.environ.get("IMAGES", 1000 if ALL else 28))
ONLY_ALL = pytest.mark.skipif(not ALL, reason="only in `make stress`")
# Caches may grow by so much; what is lost once for every process or every few calls shows.
SLACK = {"heap_objects": 300, "inodes": 100, "threads": 3, "open_files": 0, "processes": 0}
FRAMES_SLACK = 150


@pytest.fixture
def stress(machine: Start) -> Start:
    """Boots four harts from a copy of the disk that has the programs."""

    def boot(*disks: Path, memory: str = "128M", smp: int = 4) -> Machine:
        attached = [Disk(BUILD / "tests.img", mode="copy"), *(Disk(path, mode="direct") for path in disks)]
        run = machine(disks=attached, smp=smp, memory=memory)
        run.wait_prompt()
        return run

    return boot


def check_nothing_lost(before: dict[str, int], after: dict[str, int], said: str, caches: float = 1) -> None:
    """`caches`: the share of SLACK that is for those of a disk that is still mounted."""
    lost = []
    for name in before.keys() - {"files", "free", "heap_bytes", "total"}:
        slack = SLACK.get(name, FRAMES_SLACK)
        slack = int(slack * caches) if slack > 10 else slack
        if after[name] - before[name] > slack:
            lost.append(f"{name}: {before[name]} before, {after[name]} after, at most {slack} more expected")
    assert lost == [], f"{said}\n{lost}"


def check_in_order(run: Machine) -> None:
    check_alive(run)
    fsck(run.images[0])


def test_every_system_call_with_any_arguments(stress: Start, folder: Path, seed: int) -> None:
    """On a disk of its own: where that can be unmounted nobody has a file of it, and its caches go."""
    disk = folder / "fuzz.img"
    make_image(disk, "32M")
    run = stress(disk)

    def fuzz(words: str, seconds: float) -> Ran:
        run.check("mount /dev/vdb /mnt")
        ran = run.run(f"/stress/fuzz -f /mnt -s {words}", seconds)
        run.check("umount /mnt")
        return ran

    fuzz("1 1", 60)
    before = counts(run)
    words = f"{SECONDS} {seed % 10**6 + 1000}"
    ran = fuzz(words, 120 + 4 * SECONDS)
    said = f"fuzz -s {words}\nstatus {ran.status}: {ran.output}"
    print(said)
    assert ran.status == 0, said
    calls = re.search(r"(\d+) calls, (\d+) succeeded", ran.output)
    assert calls and int(calls[1]) > 20 * SECONDS and int(calls[2]) > 4 * SECONDS, said
    if ALL:
        assert re.search(r"^fuzz: never tried:$", ran.output, re.MULTILINE), said
    check_nothing_lost(before, counts(run), said, caches=0.2)
    check_in_order(run)
    fsck(disk)


def test_the_same_on_linux(build: Path, tmp_path: Path) -> None:
    """What is said of Linux's boundary must do Linux no harm."""
    qemu = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")
    assert qemu, "qemu-riscv64 is missing: install the package qemu-user"
    for above in [tmp_path, *tmp_path.parents[:2]]:
        above.chmod(above.stat().st_mode | 0o011)
    words = [qemu, str(build / "user/stress/fuzz"), "-s", "1", "-j", "2", "-f", str(tmp_path), "7"]
    # A session of its own: what it sends to its group does not reach those who started the tests.
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, start_new_session=True
    )
    assert done.returncode == 0 and " calls, " in done.stdout, done.stdout + done.stderr


# Of six times 2,000 names one in seven is not there.
STORMS = ["open 12000", f"pipes {10 if ALL else 1}", f"signals {10 if ALL else 1}"]


def test_storms(stress: Start) -> None:
    """10,000 files opened and closed, pipes, signals: each by six processes at once."""
    run = stress()
    seen = []
    for storm in STORMS:
        run.run("/stress/storm open 60")
        before = counts(run)
        ran = run.run(f"/stress/storm {storm}", 240)
        assert ran.status == 0, f"storm {storm}: {ran.output}"
        assert run.check("echo still here | cat") == "still here\n"
        seen.append((before, counts(run), f"storm {storm}: {ran.output}"))
    for before, after, said in seen:
        check_nothing_lost(before, after, said)
    check_in_order(run)


@ONLY_ALL
def test_fork_bomb(stress: Start) -> None:
    run = stress(memory="64M")
    run.check("/stress/storm open 60")
    before = counts(run)
    ran = run.run("/stress/storm forks 30", 240)
    # The kernel may end the bomb's first process too.
    assert ran.status in (0, 128 + 9), ran.output
    run.run("sleep 2")
    check_nothing_lost(before, counts(run), ran.output)
    check_in_order(run)


@pytest.mark.parametrize("block_size", [1024, 4096] if ALL else [1024])
def test_no_room_and_no_inodes(stress: Start, folder: Path, block_size: int) -> None:
    disk = folder / "small.img"
    make_image(disk, "4M", block_size=block_size, inodes=256)
    run = stress(disk)
    run.check("mkdir /mnt/small; mount /dev/vdb /mnt/small; mkdir /mnt/small/in")
    for storm in ("inodes", "disk"):
        ran = run.run(f"/stress/storm {storm} /mnt/small/in", 240)
        assert ran.status == 0, f"storm {storm}: {ran.output}"
    run.check("echo room > /mnt/small/again; umount /mnt/small")
    check_in_order(run)
    fsck(disk)


# --- damaged disks ---------------------------------------------------------------------------------

DISKS = [f"vd{letter}" for letter in "bcdefgh"]  # as many as the machine takes beside the root


def is_clean(image: Path) -> bool:
    try:
        fsck(image)
    except DiskError:
        return False
    return True


def check_round(output: str, seeds: list[int]) -> list[str]:
    """What is wrong in the output of one round, a line for each."""
    wrong = []
    for disk, seed in zip(DISKS, seeds):
        said = re.findall(rf"^walk {disk}: seed {seed}: .*$", output, re.MULTILINE)
        wrong += re.findall(rf"^walk {disk}: BAD.*$", output, re.MULTILINE)
        if len(said) != 1:
            wrong.append(f"{disk}, seed {seed}: no line that tells how it went")
        elif not said[0].endswith(" fine"):
            wrong.append(said[0])
        elif "Structure needs cleaning" in said[0] and f"ext2 on {disk}: " not in output:
            wrong.append(f"{disk}, seed {seed}: EUCLEAN, and no line in the log")
    return wrong


@pytest.mark.parametrize("block_size", [1024, 4096])
def test_damaged_disks(stress: Start, folder: Path, seed: int, block_size: int) -> None:
    """Mounted, read, changed and unmounted in the guest, seven at a time; between two rounds their
    contents are exchanged. A damaged one that goes wrong stays in the test's folder."""
    whole = whole_image(folder / "whole.img", block_size).read_bytes()
    disks = [folder / f"{name}.img" for name in DISKS]
    for disk in disks:
        disk.write_bytes(whole)
    run = stress(*disks)
    run.send("/stress/walk " + " ".join(DISKS) + "\n")
    run.expect("walk: ready\n")
    seed %= 10**6
    clean_before = {}
    mounted = refused = 0
    for first in range(seed, seed + IMAGES // 2, len(DISKS)):
        seeds = list(range(first, first + len(DISKS)))
        for disk, number in zip(disks, seeds):
            with disk.open("r+b") as file:
                file.write(damaged(whole, number))
            clean_before[disk] = is_clean(disk)
        try:
            run.send(" ".join(map(str, seeds)) + "\n")
            output = run.expect("round done\n", 120).before
            wrong = check_round(output, seeds)
        except GuestError as error:
            output, wrong = run.console.excerpt(), [str(error)]
        for disk, number in zip(disks, seeds):
            if clean_before[disk] and not wrong and not is_clean(disk):
                wrong.append(f"seed {number}: e2fsck found it clean, and does no more")
        if wrong:
            for disk, number in zip(disks, seeds):
                (folder / f"damaged-{number}.img").write_bytes(damaged(whole, number))
            pytest.fail("\n".join([*wrong, f"seeds {seeds}; their disks are in {folder}", output]))
        mounted += output.count(": mounted, ")
        refused += output.count(": not mounted, ")
    print(f"{mounted} mounted, {refused} refused")
    assert mounted > refused, f"{mounted} disks mounted, {refused} refused: the damage is too coarse"
    run.send("\x04")
    run.wait_prompt()
    check_in_order(run)
