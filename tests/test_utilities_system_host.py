"""Utilities that show the system: the host's figures change, their form does not."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from tests.utilities import BIN, ENVIRONMENT, QEMU, TIME_LIMIT, goose, host, known_umask, pytestmark, reading_tree


def test_mount_lists_proc_mounts(reading_tree: Path) -> None:
    lines = goose(["mount"], reading_tree).output.decode().splitlines()
    mounts = [line.split(" ") for line in Path("/proc/mounts").read_text().splitlines()]
    assert lines == [f"{m[0]} on {m[1]} type {m[2]} ({m[3]})" for m in mounts]


@pytest.mark.parametrize("command", ["mount x", "mount -t nothing none {}", "umount {}/nothing",
                                     "umount {}", "umount", "mount -t ext2 /dev/nothing {}"])
def test_mount_fails_like_the_host(command: str, tmp_path: Path) -> None:
    argv = shlex.split(command.format(tmp_path))
    ours, theirs = goose(argv, tmp_path), host(argv, tmp_path)
    assert ours.messages != "" and ours.output == b""
    assert ours.status == theirs.status or command == "mount x"


@pytest.mark.parametrize("options", [[], ["-h"], ["-i"], ["-k"]])
def test_df_shows_what_the_host_shows(options: list[str], reading_tree: Path) -> None:
    ours = goose(["df", *options, "."], reading_tree).output.decode().splitlines()
    theirs = host(["df", *options, "."], reading_tree).output.decode().splitlines()
    assert ours[0] == theirs[0] and len(ours) == len(theirs) == 2
    for cells in (slice(0, 2), slice(5, None)):  # not how full it is: that changes meanwhile
        assert ours[1].split()[cells] == theirs[1].split()[cells]
    assert goose(["df", "/nothing"], reading_tree).status == 1


@pytest.mark.parametrize("options", [[], ["-h"], ["-m"], ["-b"]])
def test_free_shows_what_the_host_shows(options: list[str], reading_tree: Path) -> None:
    ours = goose(["free", *options], reading_tree).output.decode().splitlines()
    theirs = host(["free", *options], reading_tree).output.decode().splitlines()
    assert ours[0] == theirs[0] and len(ours) == len(theirs)
    assert ours[1].split()[:2] == theirs[1].split()[:2]
    assert [len(line) for line in ours] == [len(line) for line in theirs]


def test_ps_shows_a_process(reading_tree: Path) -> None:
    child = subprocess.Popen(["/bin/sleep", "30"], cwd=reading_tree)
    try:
        argv = ["ps", "-p", str(child.pid), "-o", "pid,ppid,pgid,sid,comm,stat,rss,user,args"]
        ours = goose(argv, reading_tree).output.decode().splitlines()
        assert ours[1].split() == [
            str(child.pid), str(os.getpid()), str(os.getpgrp()), str(os.getsid(0)), "sleep",
            *ours[1].split()[5:8], "/bin/sleep", "30"]
        assert ours[0].split() == ["PID", "PPID", "PGID", "SID", "CMD", "STAT", "RSS", "USER",
                                   "COMMAND"]
        for options in (["-e"], ["-ef"], ["aux"], ["-A", "-l"]):
            listing = goose(["ps", *options], reading_tree).output.decode()
            theirs = host(["ps", *options], reading_tree).output.decode()
            assert str(child.pid) in listing.split()
            if options[-1] in ("-e", "-ef"):
                assert listing.splitlines()[0].split() == [
                    word for word in theirs.splitlines()[0].split() if word != "C"]
        assert goose(["kill", "-s", "KILL", str(child.pid)], reading_tree).status == 0
        assert child.wait(TIME_LIMIT) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()


def test_ps_of_no_process_fails(reading_tree: Path) -> None:
    assert goose(["ps", "-p", "4194304"], reading_tree).status == 1
    assert goose(["kill", "4194304"], reading_tree).status == 1


# ---- top: what it reads is the host's own /proc ----


def top(*words: str) -> list[str]:
    done = subprocess.run([str(QEMU), str(BIN / "top"), *words], capture_output=True, text=True,
                          timeout=TIME_LIMIT, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_top_shows_linuxs_processes_and_memory() -> None:
    """A process that is busy comes first, with what /proc says of it."""
    busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    try:
        lines = top("-b", "-n", "2", "-d", "0.5", "-p", f"1,{busy.pid}")
    finally:
        busy.kill()
        busy.wait()
    second = lines[len(lines) // 2 :]
    total = re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())
    assert total and any(line.startswith("KiB Mem") and total[1] in line for line in second), second
    start = next(i for i, line in enumerate(second) if line.lstrip().startswith("PID USER"))
    first, last = second[start + 1].split(), second[start + 2].split()
    assert [first[0], last[0]] == [str(busy.pid), "1"], second
    assert first[10] == "sh" and first[6] == "R" and float(first[7]) > 1, second
    # Kernels give a name of up to 15 bytes, whatever it holds.
    assert last[10] == Path("/proc/1/comm").read_text().split()[0]


def test_top_counts_every_hart() -> None:
    lines = top("-b", "-n", "2", "-d", "0.3")
    harts = [line for line in lines if line.startswith("%Cpu")]
    shares = [[float(n) for n in re.findall(r"([\d.]+) (?:us|sy|id|wa)", line)] for line in harts]
    assert len(harts) >= 2 and all(len(share) == 4 for share in shares), harts
    assert all(abs(sum(share) - 100) < 1 for share in shares), harts


@pytest.mark.parametrize("words", [["-n", "0"], ["-d", "x"], ["-d", "0"], ["-n", "x"], ["more"], ["-z"]])
def test_top_refuses_wrong_options(words: list[str]) -> None:
    done = subprocess.run([str(QEMU), str(BIN / "top"), "-b", *words], capture_output=True, text=True,
                          timeout=TIME_LIMIT, env=ENVIRONMENT)
    assert done.returncode == 1 and done.stderr.startswith("top: ") and not done.stdout
