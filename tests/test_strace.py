"""strace at goose's console, on programs whose calls are known, and what becomes of both when one ends."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.conftest import ROOT, Start

from grading.machine import Machine
from grading.qemu import Disk

CTRL_C, CTRL_Z = "\x03", "\x1a"
PROGRAM = ROOT / "tests/programs/calls.c"

# What tests/programs/calls.c does, call by call.
CALLS = r"""
openat(AT_FDCWD, "/tmp/goose \"x\"\n\377", O_RDWR|O_CREAT|O_EXCL, 0640) = 3
write(3, "0123456789abcdef0123456789abcdef"..., 40) = 40
lseek(3, -8, SEEK_CUR) = 32
read(3, "\0\1\n\t1234", 100) = 8
pread64(3, "4567", 4, 4) = 4
newfstatat(AT_FDCWD, "/dev/null", {st_mode=S_IFCHR|0666, st_rdev=0x103, ...}, AT_SYMLINK_NOFOLLOW) = 0
newfstatat(AT_FDCWD, "/nowhere", 0x*, 0) = -1 ENOENT (No such file or directory)
openat(AT_FDCWD, NULL, O_RDONLY) = -1 EFAULT (Bad address)
openat(AT_FDCWD, 0x1000, O_RDONLY|O_CLOEXEC|O_NONBLOCK) = -1 EFAULT (Bad address)
pipe2([4, 5], O_CLOEXEC) = 0
fcntl(4, F_GETFD) = 1
fcntl(4, F_SETFL, 2048) = 0
ppoll([{fd=4, events=POLLIN}, {fd=5, events=POLLIN|POLLOUT}], 2, {tv_sec=0, tv_nsec=5}, NULL, 0) = 1
writev(5, [{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], 2) = 5
readv(4, [{iov_base="abcd", iov_len=4}, {iov_base="e", iov_len=9}], 2) = 5
mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x*
mprotect(0x*, 4096, PROT_NONE) = 0
munmap(0x*, 8192) = 0
rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT TERM], sa_flags=0x10000000}, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0
rt_sigprocmask(SIG_BLOCK, [CHLD], [], 8) = 0
nanosleep({tv_sec=0, tv_nsec=1000}, NULL) = 0
set_tid_address(NULL) = *
tkill(*, SIGUSR1) = 0
--- SIGUSR1 {si_signo=SIGUSR1, si_code=-6, si_pid=*} ---
wait4(-1, NULL, WNOHANG, NULL) = -1 ECHILD (No child processes)
prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=*, rlim_max=*}) = 0
unlinkat(AT_FDCWD, "/tmp/goose \"x\"\n\377", 0) = 0
syscall_0x1ef(0x1, 0x2, 0x3, *, *, *) = -1 ENOSYS (Function not implemented)
exit_group(5) = ?
+++ exited with 5 +++
"""


@pytest.fixture
def prepared(start: Start, build: Path, folder: Path) -> Machine:
    """goose with the program in /root/calls."""
    words = ["riscv64-linux-gnu-gcc", "-O1", "-static", "-nostdlib", "-mno-relax", "-o", str(folder / "calls")]
    subprocess.run([*words, str(PROGRAM)], check=True)
    image = folder / "disk.img"
    image.write_bytes((build / "disk.img").read_bytes())
    words = ["debugfs", "-w", "-R", f"write {folder / 'calls'} /root/calls", str(image)]
    subprocess.run(words, check=True, capture_output=True)
    words = ["debugfs", "-w", "-R", "set_inode_field /root/calls mode 0100755", str(image)]
    subprocess.run(words, check=True, capture_output=True)
    run = start(
        kernel=build / "goose.elf", smp=2, disks=[Disk(image, mode="direct")], append="root=/dev/vda"
    )
    run.wait_prompt()
    return run


def test_arguments_and_results_are_decoded(prepared: Machine) -> None:
    ran = prepared.run("strace -o /tmp/trace -f /root/calls", 30)
    assert ran.status == 5, ran.output
    lines = prepared.check("cat /tmp/trace").splitlines()
    expected = CALLS.strip().splitlines()
    assert lines[0].split(None, 1)[1].startswith('execve("/root/calls", ["/root/calls"], 0x')
    for seen, wanted in zip(lines[1:], expected, strict=True):
        pattern = re.escape(wanted).replace(r"\*", r"[0-9a-fx*]+")
        assert re.fullmatch(r"\d+ +" + pattern, seen), f"expected {wanted}\nsaw      {seen}"


def test_calls_can_be_chosen_and_counted(booted: Machine) -> None:
    output = booted.check("strace -e trace=openat,close -o /tmp/t cat /etc/motd > /dev/null; cat /tmp/t")
    names = {line.split("(")[0] for line in output.splitlines()}
    assert names == {"openat", "close", "+++ exited with 0 +++"}, output
    output = booted.check("strace -e trace='!%file' -o /tmp/t cat /etc/motd > /dev/null; cat /tmp/t")
    assert "read(3" in output and "openat" not in output and "execve" not in output
    output = booted.check("strace -c -o /tmp/t cat /etc/motd /nowhere 2> /dev/null; cat /tmp/t")
    counts = {line.split()[-1]: line.split()[3:-1] for line in output.splitlines()[2:]}
    assert counts["openat"] == ["2", "1"], output
    assert counts["execve"] == ["1"], output
    ran = booted.run("strace -e trace=opn true")
    assert ran.status == 1 and "invalid system call 'opn'" in ran.output


def test_the_status_is_the_programs(booted: Machine) -> None:
    for program, status in (("exit 7", 7), ("kill -TERM $$", 143)):
        assert booted.run(f"strace -o /dev/null sh -c '{program}'").status == status
    assert booted.run("strace -o /dev/null /nowhere").status == 127


def test_children_are_followed(booted: Machine) -> None:
    command = "strace -f -e trace=execve,exit_group -o /tmp/t sh -c 'ls / | wc -l; exit 3'"
    assert booted.run(command).status == 3
    lines = booted.check("cat /tmp/t").splitlines()
    text = "\n".join(lines)
    for name in ("sh", "ls", "wc"):
        assert f'execve("/bin/{name}", ["{name}"' in text, text
    assert len({line.split()[0] for line in lines}) == 3
    assert sum("+++ exited with" in line for line in lines) == 3
    # Without -f the children are nobody's business.
    assert booted.run("strace -e trace=execve -o /tmp/t sh -c 'ls / | wc -l; exit 3'").status == 3
    assert booted.check("grep -c execve /tmp/t") == "1\n"


def test_a_running_process_is_watched_and_let_go(booted: Machine) -> None:
    booted.check("sh -c 'while :; do sleep 0.1; done' > /dev/null & true")
    booted.send("strace -f -p $!\n")
    booted.expect(r"nanosleep\(|clock_nanosleep\(", 20)
    booted.send(CTRL_C)
    booted.expect(r"detached", 20)
    booted.send("\n")
    booted.wait_prompt()
    state = "grep -E 'State|TracerPid' /proc/$!/status"
    assert re.search(r"State:\t[RS] .*\nTracerPid:\t0\n", booted.check(state))
    booted.check("kill $!; wait $!; [ $? = 143 ]")


def test_either_may_be_killed(booted: Machine) -> None:
    booted.check("strace -o /tmp/t sh -c 'echo $$ > /tmp/pid; while :; do :; done' & true")
    booted.check("while ! [ -s /tmp/pid ]; do sleep 0.1; done")
    assert "TracerPid:\t0" not in booted.check("grep TracerPid /proc/$(cat /tmp/pid)/status")
    booted.check("kill -KILL $!; wait $!; [ $? = 137 ]")
    assert "TracerPid:\t0" in booted.check("grep TracerPid /proc/$(cat /tmp/pid)/status")
    booted.check("kill $(cat /tmp/pid)")  # it goes on, and ends as any other
    booted.check("while kill -0 $(cat /tmp/pid) 2> /dev/null; do sleep 0.1; done")
    booted.check("rm /tmp/pid; strace -o /tmp/t sh -c 'echo $$ > /tmp/pid; sleep 1000' & true")
    booted.check("while ! [ -s /tmp/pid ]; do sleep 0.1; done; kill -KILL $(cat /tmp/pid)")
    booted.check("wait $!; [ $? = 137 ]", 20)
    assert "killed by SIGKILL" in booted.check("cat /tmp/t")


def test_control_z_stops_program_and_strace(booted: Machine) -> None:
    booted.send("strace -o /tmp/t sh -c 'echo ready; while :; do :; done'\n")
    booted.expect(r"^ready\n", 20)
    booted.send(CTRL_Z)
    booted.wait_prompt()
    assert "topped" in booted.check("jobs")
    booted.send("fg\n")
    booted.expect(r"strace -o /tmp/t", 20)
    booted.send(CTRL_C)
    booted.wait_prompt()
    assert "killed by SIGINT" in booted.check("cat /tmp/t")
