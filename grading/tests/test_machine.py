"""Machines, monitor and gdb, on a small guest of our own."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grading import errors, outside
from grading import machine as machines
from grading.console import Console
from grading.gdb import Gdb
from grading.machine import Machine
from grading.qemu import Disk, Options, socket_lines
from grading.symbols import Symbols
from grading.tests.tiny import SOURCE, assemble


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(SOURCE, tmp_path_factory.mktemp("tiny") / "tiny.elf")


@pytest.fixture
def options(tiny: Path, tmp_path: Path) -> Callable[..., Options]:
    return lambda **changes: Options(kernel=tiny, folder=tmp_path / "run", **changes)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits for its parent to ask does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("status", [0, 2, 3, 4, 5])
def test_exit_status_is_the_guests(options: Callable[..., Options], status: int) -> None:
    with Machine(options()) as machine:
        machine.expect("tiny: hello\n")
        machine.send(str(status))
        assert machine.wait_exit() == status


def test_echo_reaches_the_test(options: Callable[..., Options]) -> None:
    with Machine(options()) as machine:
        machine.expect("hello\n")
        machine.send("abc")
        machine.expect("abc")


def test_panic_carries_command_status_and_rerun(options: Callable[..., Options]) -> None:
    with pytest.raises(errors.GuestPanic) as caught, Machine(options()) as machine:
        machine.expect("hello")
        machine.send("p")
        machine.expect("never")
    for part in ("panic: asked to", "exit status: 4", "-kernel", "rerun.sh"):
        assert part in str(caught.value)


def test_qemu_is_gone_after_the_block(options: Callable[..., Options]) -> None:
    with pytest.raises(ZeroDivisionError), Machine(options()) as machine:
        assert machine._process
        pid = machine._process.pid
        1 / 0
    assert not is_alive(pid)


def test_qemu_dies_with_a_killed_parent(options: Callable[..., Options], tiny: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from grading.machine import Machine, Options\n"
        f"with Machine(Options(kernel=Path({str(tiny)!r}))) as m:\n"
        "    print(m._process.pid, m.folder, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid, folder = parent.stdout.readline().split()
    assert is_alive(int(pid))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(100):
        if not is_alive(int(pid)):
            break
        signal.sigtimedwait([], 0.05)
    assert not is_alive(int(pid))
    subprocess.run(["rm", "-r", folder], check=True)


def test_a_temporary_folder_stays_only_after_a_failure(tiny: Path) -> None:
    with Machine(Options(kernel=tiny)) as machine:
        pass
    assert not machine.folder.exists()
    with pytest.raises(ZeroDivisionError), Machine(Options(kernel=tiny)) as machine:
        1 / 0
    assert (machine.folder / "console.log").exists()
    subprocess.run(["rm", "-r", machine.folder], check=True)


def rerun(script: Path) -> int:
    """Runs the script, and has its guest end with status 3; returns the script's."""
    again = subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert again.stdin and again.stdout
    console = Console(again.stdout.fileno(), again.stdin.fileno())
    console.expect("tiny: hello\n")
    console.send("3")
    return again.wait(20)


def test_rerun_script_runs_the_same_machine(options: Callable[..., Options]) -> None:
    with Machine(options()) as machine:
        machine.expect("hello")
    assert rerun(machine.folder / "rerun.sh") == 3


@pytest.mark.parametrize("kept", [True, False])
def test_rerun_script_begins_with_the_disk_as_it_was(
    options: Callable[..., Options], tmp_path: Path, kept: bool
) -> None:
    """The disk that the run left stays; where the original is gone, the next run begins with it."""
    image, before = tmp_path / "disk.img", random.randbytes(4096)
    image.write_bytes(before)
    with Machine(options(disks=[Disk(image)])) as machine:
        machine.monitor.human('qemu-io d0 "write -P 7 0 512"')
    left = machine.images[0].read_bytes()
    assert left == b"\x07" * 512 + before[512:]
    if not kept:
        image.unlink()
    for _ in range(2):
        assert rerun(machine.folder / "rerun.sh") == 3
        again = machine.folder / "again-disk0.img"
        assert again.read_bytes() == (before if kept else left)
        again.write_bytes(bytes(4096))
        assert machine.images[0].read_bytes() == left


@pytest.mark.parametrize("name", ["run", "a" * 120])
def test_gdb_finds_a_machine_that_runs_again(tiny: Path, tmp_path: Path, name: str) -> None:
    """Also where the folder's path is longer than a socket's may be."""
    with Machine(Options(kernel=tiny, folder=tmp_path / name)) as machine:
        machine.expect("hello")
    lines = socket_lines(machine.folder) + 'echo "$socket"'
    place = Path(subprocess.check_output(["sh", "-c", lines], text=True).strip())
    command = [machine.folder / "rerun.sh", "--gdb"]
    again = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        while not place.is_socket():
            assert again.poll() is None
            signal.sigtimedwait([], 0.05)
    finally:
        again.kill()
        again.wait()
        place.unlink(missing_ok=True)


def test_a_wrong_option_is_a_host_error(options: Callable[..., Options]) -> None:
    with pytest.raises(errors.HostError, match="no-such-option"):
        with Machine(options(extra=["-no-such-option"])):
            pass


def test_memory_registers_and_time(options: Callable[..., Options], tiny: Path) -> None:
    with Machine(options(smp=2)) as machine:
        machine.expect("hello")
        value = Symbols(tiny).address("value")
        assert machine.read_memory(value, 8) == bytes.fromhex("efcdab8967452301")
        machine.stop()
        before = machine.guest_nanoseconds()
        assert before > 0 and machine.guest_nanoseconds() == before
        assert machine.registers(1)["mhartid"] == 1
        assert machine.registers(0)["satp"] == 0
        # Where a guest's data lead to, and how far, is the guest's affair.
        for address, size in ((-8, 8), (1 << 63, 8), ((1 << 56) - 4, 8), (value, -1), (value, 1 << 40)):
            with pytest.raises(errors.GuestError, match="no memory is there"):
                machine.read_memory(address, size)
        machine.cont()
        machine.send("0")
        assert machine.wait_exit() == 0


def test_gdb_breakpoints_registers_memory(options: Callable[..., Options], tiny: Path) -> None:
    symbols = Symbols(tiny)
    with Machine(options(gdb=True)) as machine:
        gdb = machine.gdb
        gdb.run_to(symbols.address("_start"))
        assert gdb.registers()["pc"] == symbols.address("_start")
        assert gdb.read_u64(symbols.address("value")) == 0x0123456789ABCDEF
        gdb.write(symbols.address("value"), bytes(8))
        assert gdb.read_physical(symbols.address("value"), 8) == bytes(8)
        gdb.step()
        assert symbols.name(gdb.read_register("pc")) == "_start+0x4"
        assert gdb.read_register("satp") == 0
        gdb.write_register("s2", 3)
        gdb.write_register("pc", symbols.address("finish"))
        gdb.resume()
        assert machine.wait_exit() == 3


def test_gdb_comes_to_the_same_breakpoint_again(
    options: Callable[..., Options], tiny: Path
) -> None:
    with Machine(options(gdb=True)) as machine:
        gdb = machine.gdb
        polls = Symbols(tiny).address("next")
        gdb.run_to(polls)
        gdb.set_breakpoint(polls)
        for _ in range(3):  # each turn polls the console once, which sets a7
            gdb.write_register("a7", 0)
            gdb.resume_until_stop()
            assert (gdb.read_register("pc"), gdb.read_register("a7")) == (polls, 2)
        gdb.run_to(polls)
        gdb.clear_breakpoint(polls)
        gdb.resume()
        machine.send("0")
        assert machine.wait_exit() == 0


def test_gdb_interrupts_a_running_guest(options: Callable[..., Options]) -> None:
    with Machine(options(gdb=True)) as machine:
        machine.gdb.resume()
        machine.expect("hello")
        machine.gdb.interrupt()
        machine.gdb.detach()
        machine.send("2")
        assert machine.wait_exit() == 2


def test_gdb_writes_where_the_guest_says_that_memory_is(monkeypatch: pytest.MonkeyPatch) -> None:
    gdb = object.__new__(Gdb)
    monkeypatch.setattr(gdb, "_ask", lambda packet: "E14")
    with pytest.raises(errors.GuestError, match="no memory is mapped at 0x18"):
        gdb.write(0x18, b"x")


def test_gdb_says_when_the_guest_ends(options: Callable[..., Options]) -> None:
    with Machine(options(gdb=True)) as machine:
        machine.gdb.resume()
        machine.expect("hello")
        machine.send("0")
        with pytest.raises(errors.GuestEnded):
            machine.gdb.wait()


def test_a_guest_that_ends_before_its_last_words_are_acknowledged_has_ended() -> None:
    ours, theirs = socket.socketpair()
    gdb = object.__new__(Gdb)
    gdb._socket, gdb._process, gdb._buffer = ours, None, b""
    theirs.sendall(b"$W00#b7")
    theirs.close()
    with pytest.raises(errors.GuestEnded, match="gdb says W00"):
        gdb.wait()
    with pytest.raises(errors.GuestEnded, match="ended while gdb was attached"):
        gdb.interrupt()


def test_a_qemu_killed_from_outside_is_told_from_a_guest_that_ends(options: Callable[..., Options]) -> None:
    with Machine(options()) as machine:
        machine.expect("hello")
        assert machine.killed() == ""
        os.kill(machine._qemu, signal.SIGKILL)
        with pytest.raises(errors.GuestEnded):
            machine.expect("never")
        assert machine.killed() == "SIGKILL"
    for typed in ("0", "5"):
        with Machine(options()) as machine:
            machine.expect("hello")
            machine.send(typed)
            machine.wait_exit()
            assert machine.killed() == ""
    with Machine(options()) as machine:
        machine.expect("hello")
    assert machine.killed() == ""  # by us


def test_a_status_that_a_guest_can_choose_counts_only_where_the_system_has_killed(
    options: Callable[..., Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = [0]
    monkeypatch.setattr(machines, "memory_kills", lambda: kills[0])
    with Machine(options(extra=["-name", "guest"])) as machine:
        machine.expect("hello")
        machine._process.wait = lambda timeout: 137  # as bubblewrap tells of a QEMU that was killed in it
        machine.console.join = lambda timeout: True
        assert machine.killed() == ""
        kills[0] = 1
        assert machine.killed() == "SIGKILL"
        del machine._process.wait, machine.console.join
    kills[0] = 0
    for status, kind in ((200, errors.GuestEnded), (137, errors.GuestEnded), (139, errors.HostError), (-9, errors.HostError)):
        with Machine(options()) as machine:
            machine.expect("hello")
            machine.send("5")
            machine.wait_exit()
            machine._process.wait = lambda timeout=None: status  # noqa: B023
            with pytest.raises(kind):
                machine.stop()
            del machine._process.wait
    assert outside.memory_kills() >= 0


def test_large_memory_is_read_as_it_is(options: Callable[..., Options], tmp_path: Path) -> None:
    data = random.randbytes((3 << 20) + 77)
    (tmp_path / "data").write_bytes(data)
    extra = ["-device", f"loader,file={tmp_path / 'data'},addr=0x82000001,force-raw=on"]
    with Machine(options(extra=extra)) as machine:
        machine.expect("hello")
        assert machine.read_memory(0x82000001, len(data)) == data
        assert machine.read_memory(0x82000001, 0) == b""
        assert machine.read_memory(0x82000002, 3) == data[1:4]  # nothing is left in the pipe
        pipe = machine.folder / "memory"
        assert pipe.is_fifo()
    assert not pipe.exists()


@pytest.mark.parametrize("mode", ["copy", "direct", "snapshot"])
def test_disks_are_attached(options: Callable[..., Options], tmp_path: Path, mode: str) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(random.randbytes(4096))
    disk = Disk(image, mode=mode, serial="goose", properties="queue-size=8")
    with Machine(options(disks=[disk])) as machine:
        listed = machine.monitor.execute("query-block")
        assert "d0" in [d["device"] for d in listed]
        assert (machine.images[0] == image) == (mode != "copy")


def test_disks_can_log_writes_and_inject_errors(
    options: Callable[..., Options], tmp_path: Path
) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(65536))
    errors_at = '[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "8"\n'
    disks = [Disk(image, blkdebug=errors_at), Disk(image, log=tmp_path / "writes.log")]
    with Machine(options(disks=disks)) as machine:
        machine.monitor.human('qemu-io d0 "read 4096 512"')
        machine.monitor.human('qemu-io d1 "write -P 7 512 512"')
        machine.monitor.human('qemu-io d1 "flush"')
        assert machine.images[1].read_bytes()[512:1024] == b"\x07" * 512
    assert b"\x07" * 512 in (tmp_path / "writes.log").read_bytes()
    # qemu-io speaks on QEMU's own standard output and error.
    said = machine.console.text + (machine.folder / "qemu.log").read_text()
    assert "read failed: Input/output error" in said


def test_icount_makes_time_of_instructions(tmp_path: Path) -> None:
    spin = SOURCE.replace("next:\n", "li t0, 1000000\n1: addi t0, t0, -1\nbnez t0, 1b\nnext:\n", 1)
    kernel = assemble(spin, tmp_path / "spin.elf")
    symbols = Symbols(kernel)
    with Machine(Options(kernel=kernel, icount="shift=0", gdb=True)) as machine:
        times = []
        for name in ("print", "next"):  # from the greeting, which takes a while, to the loop's end
            machine.gdb.run_to(symbols.address(name))
            times.append(machine.guest_nanoseconds())
    assert 2_000_000 <= times[1] - times[0] < 2_500_000


def test_a_missing_image_is_named(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.HostError, match="absent.img: no such disk image"):
        Machine(Options(kernel=tiny, disks=[Disk(tmp_path / "absent.img")]))
    assert os.listdir(tmp_path) == []
