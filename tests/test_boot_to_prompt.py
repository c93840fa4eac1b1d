"""From power-on to the prompt: on every number of harts, with little and much memory, soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.conftest import SANITIZED, Start

from grading.disk import fsck
from grading.qemu import INIT_FAILED, POWER_OFF
from grading.timing import calibrate

INSTRUCTIONS = 40_000_000
XV6_SECONDS = 0.56  # xv6-riscv to its prompt with one hart on the reference machine


@pytest.mark.parametrize("smp", range(1, 9))
def test_boots_on_any_number_of_harts(machine: Start, smp: int) -> None:
    run = machine(smp=smp)
    run.wait_prompt()
    assert run.power_off() == POWER_OFF
    assert f"goose: {smp} hart" in run.console.text


@pytest.mark.parametrize("memory", ["32M", "33M", "48M", "256M", "1G", "4G"])
def test_boots_with_any_memory(machine: Start, memory: str) -> None:
    run = machine(memory=memory)
    run.wait_prompt()
    free = int(run.check("grep MemFree /proc/meminfo").split()[1])
    whole = int(memory[:-1]) << (20 if memory.endswith("G") else 10)
    # A sanitized kernel has a shadow of all memory, and is ten times as large.
    assert whole * (0.3 if SANITIZED else 0.6) < free < whole
    assert run.power_off() == POWER_OFF


def test_boots_from_the_initramfs(machine: Start) -> None:
    run = machine(root="initramfs")
    run.wait_prompt()
    assert run.check("echo hello from the initramfs") == "hello from the initramfs\n"
    assert run.power_off() == POWER_OFF


def test_power_off_leaves_a_clean_disk_with_what_was_written(machine: Start, image: Path) -> None:
    run = machine(image=image)
    run.wait_prompt()
    run.check("echo kept > /kept")
    assert run.power_off() == POWER_OFF
    fsck(image)
    again = machine(image=image)
    again.wait_prompt()
    assert again.check("cat /kept") == "kept\n"


def test_end_of_init_is_an_exit_status_of_its_own(machine: Start) -> None:
    assert machine(append="init=/bin/false").wait_exit(20) == INIT_FAILED


def test_an_absent_init_is_refused_by_name(machine: Start) -> None:
    run = machine(append="init=/no/such/init", failures=())
    assert run.wait_exit(20) not in (POWER_OFF, 1)
    assert "/no/such/init" in run.console.text


@pytest.mark.unsanitized("it counts instructions")
def test_prompt_comes_within_the_instruction_budget(machine: Start) -> None:
    # With shift=0 an instruction is a nanosecond. Waits for the disk count as well, and are long on a
    # busy machine: the true number is below every one of these.
    counts: list[int] = []
    while not counts or (min(counts) >= INSTRUCTIONS and len(counts) < 5):
        run = machine(icount="shift=0")
        run.wait_prompt(60)
        run.stop()
        counts.append(run.guest_nanoseconds())
        run.cont()
        run.power_off()
    assert min(counts) < INSTRUCTIONS, f"instructions to the prompt, at most: {counts}"


@pytest.mark.unsanitized("it measures time")
def test_prompt_comes_before_xv6s(machine: Start) -> None:
    """Beside a fixed reference: xv6's time, scaled by what the calibration takes here and now."""
    ratios = []
    for _ in range(5):
        factor = calibrate()
        started = time.monotonic()
        run = machine()
        run.wait_prompt()
        ratios.append((time.monotonic() - started) / factor)
        run.power_off()
    print(f"seconds to the prompt, scaled: {', '.join(f'{r:.2f}' for r in ratios)}")
    assert min(ratios) < XV6_SECONDS
