"""With everything used up, errors come, nothing panics, and the shell answers afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.conftest import Start
from foreign import install_source

from grading.disk import fsck
from grading.machine import Machine
from grading.qemu import INIT_FAILED, POWER_OFF


def free_kilobytes(run: Machine) -> int:
    return int(run.check("grep MemFree /proc/meminfo").split()[1])


def wait_for_memory(run: Machine, kilobytes: float) -> None:
    """Processes that nobody waits for take a moment to end; until then the shell may not fork."""
    line = "grep MemFree /proc/meminfo"
    for _ in range(40):
        ran = run.run(line)
        if ran.status == 0 and int(ran.output.split()[1]) >= kilobytes:
            return
        time.sleep(0.25)
    raise AssertionError(f"{line} still says {ran.output}; there were {kilobytes / 0.9:.0f} KiB")


def check_alive(run: Machine) -> None:
    """The shell still runs programs, pipelines and files, and the machine ends in order."""
    assert run.check("echo a b c | wc -w").strip() == "3"
    run.check("echo alive > /tmp/alive")
    assert run.check("cat /tmp/alive") == "alive\n"
    assert run.power_off(60) == POWER_OFF


@pytest.mark.slow
@pytest.mark.goose_only
@pytest.mark.parametrize("smp", [1, 4])
@pytest.mark.parametrize("program", ["fork_bomb.c", "memory_hog.c"])
def test_shell_survives_with_memory_used_up(
    machine: Start, image: Path, folder: Path, program: str, smp: int
) -> None:
    install_source(image, program, folder)
    run = machine(image=image, smp=smp, memory="64M")
    run.wait_prompt()
    run.check("ls / > /dev/null; sync")
    before = free_kilobytes(run)
    ran = run.run(f"/{Path(program).stem}", 120)
    # Its calls are refused in the end, or the kernel ends it: in both ways it ran out.
    refused = "refused" in ran.output and "refused 0" not in ran.output
    assert (ran.status, refused) == (0, True) or ran.status == 128 + 9, ran.output
    wait_for_memory(run, before * 0.9)
    check_alive(run)
    fsck(image)


@pytest.mark.goose_only
def test_process_one_alone_ends_the_machine_when_memory_ends(
    machine: Start, image: Path, folder: Path
) -> None:
    """Nobody is there who could be killed for it: an end in order, and no waiting for ever."""
    install_source(image, "memory_hog.c", folder)
    run = machine(image=image, memory="64M", append="init=/memory_hog")
    run.expect("process 1 was killed by signal 9", 60)
    assert run.wait_exit(20) == INIT_FAILED


@pytest.mark.slow
def test_shell_survives_a_full_disk(machine: Start, image: Path) -> None:
    run = machine(image=image)
    run.wait_prompt()
    ran = run.run("yes goose > /fill", 180)
    assert ran.status != 0 and "No space left on device" in ran.output
    assert "No space left on device" in run.run("mkdir /no/room || mkdir /noroom").output
    assert run.check("echo still here") == "still here\n"
    run.check("rm /fill")
    run.check("echo room again > /again")
    check_alive(run)
    fsck(image)


@pytest.mark.slow
def test_shell_survives_many_open_pipes(machine: Start) -> None:
    """A pipeline of more processes than one line should need, with data through all of them."""
    run = machine()
    run.wait_prompt()
    assert run.check("seq 1000" + " | cat" * 60 + " | tail -n 1", 60) == "1000\n"
    check_alive(run)
