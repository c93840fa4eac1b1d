"""With everything used up, errors come, nothing panics, and the shell answers afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Start

from grading.disk import fsck
from grading.machine import Machine
from grading.qemu import POWER_OFF


def free_kilobytes(run: Machine) -> int:
    return int(run.check("grep MemFree /proc/meminfo").split()[1])


def check_alive(run: Machine) -> None:
    """The shell still runs programs, pipelines and files, and the machine ends in order."""
    assert run.check("echo a b c | wc -w").strip() == "3"
    run.check("echo alive > /tmp/alive")
    assert run.check("cat /tmp/alive") == "alive\n"
    assert run.power_off(60) == POWER_OFF


@pytest.mark.slow
@pytest.mark.goose_only
@pytest.mark.parametrize("smp", [1, 4])
def test_shell_survives_a_fork_bomb(machine: Start, smp: int) -> None:
    run = machine(smp=smp, memory="64M")
    run.wait_prompt()
    before = free_kilobytes(run)
    ran = run.run("/tests/fork_bomb", 120)
    assert ran.status == 0, ran.output
    assert free_kilobytes(run) > before * 0.9
    check_alive(run)


@pytest.mark.slow
@pytest.mark.goose_only
@pytest.mark.parametrize("smp", [1, 4])
def test_shell_survives_a_memory_hog(machine: Start, smp: int) -> None:
    run = machine(smp=smp, memory="64M")
    run.wait_prompt()
    before = free_kilobytes(run)
    run.run("/tests/memory_hog", 120)  # however it ends
    assert free_kilobytes(run) > before * 0.9
    check_alive(run)


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
