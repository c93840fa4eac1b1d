"""What is typed at the console: editing, end of file, and signals to the foreground group."""

from __future__ import annotations

import re
import time

from tests.conftest import Start

from grading.machine import Machine

CTRL_C, CTRL_D, CTRL_U, CTRL_Z = "\x03", "\x04", "\x15", "\x1a"
CTRL_BACKSLASH, ERASE = "\x1c", "\x7f"


def start_program(run: Machine, command: str) -> None:
    """Types a command that prints `ready` when it runs, and waits for that."""
    run.send(f"{command}\n")
    run.expect(r"^ready\n")


def check_status(run: Machine, status: int) -> None:
    """At the prompt: how the last command ended. A line of its own, as run() would end others."""
    run.wait_prompt()
    run.send("echo status $?\n")
    run.expect(rf"^status {status}\n")
    run.wait_prompt()


def test_control_c_ends_the_foreground_program_only(booted: Machine) -> None:
    booted.check("sleep 1000 & true")
    start_program(booted, "sh -c 'echo ready; sleep 1000'")
    booted.send(CTRL_C)
    check_status(booted, 130)
    booted.check("kill $!")  # the one in the background is still there


def test_control_c_at_the_prompt_drops_the_line(booted: Machine) -> None:
    booted.send("echo never " + CTRL_C)
    check_status(booted, 130)


def test_control_backslash_quits(booted: Machine) -> None:
    start_program(booted, "sh -c 'echo ready; exec sleep 1000'")
    booted.send(CTRL_BACKSLASH)
    check_status(booted, 131)


def test_control_z_stops_and_the_shell_answers(booted: Machine) -> None:
    start_program(booted, "sh -c 'echo ready; exec sleep 1000'")
    booted.send(CTRL_Z)
    booted.wait_prompt()
    assert re.search("stopped", booted.check("jobs"), re.IGNORECASE)
    start_program(booted, "echo ready; fg")
    booted.send(CTRL_C)
    check_status(booted, 130)


def test_control_d_is_the_end_of_input(booted: Machine) -> None:
    booted.send("cat\n")
    booted.send("one\n" + CTRL_D)
    booted.expect(r"^one\none\n")  # the echo, and cat's
    booted.wait_prompt()
    booted.send("wc -c\n")
    booted.send("abc" + CTRL_D + CTRL_D)  # the first gives what was typed, the second the end
    booted.expect(r"^abc *3\n")


def test_erase_and_kill_edit_the_line(booted: Machine) -> None:
    booted.send("echo goot" + ERASE + "se\n")
    booted.expect(r"^goose\n")
    booted.send("rubbish" + CTRL_U + "echo clean\n")
    booted.expect(r"^(\$ )?clean\n")  # the prompt may come after the echo


def test_what_is_typed_early_waits(booted: Machine) -> None:
    booted.send("sleep 1\n")
    time.sleep(0.2)
    booted.send("echo later\n")
    booted.expect(r"^(\$ )?later\n")


def test_a_burst_of_lines_arrives_whole(machine: Start, seed: int) -> None:
    """Typed at once, faster than anybody reads: more than a serial port's own buffer holds."""
    run = machine(smp=2)
    run.wait_prompt()
    lines = [f"{number:04d} {seed * (number + 1) % 10**20:020d}" for number in range(100)]
    run.send("cat > /tmp/typed\n")
    run.send("".join(f"{line}\n" for line in lines) + CTRL_D)
    run.wait_prompt()
    assert run.check("cat /tmp/typed").splitlines() == lines


def test_top_shows_who_is_busy_until_q(machine: Start) -> None:
    run = machine(smp=2)
    run.wait_prompt()
    run.check("sh -c 'while :; do :; done' & true")
    run.send("top -d 0.5\n")
    run.expect(r"\x1b\[H", 20)
    for _ in range(3):  # lines are drawn from the left upper corner on
        for sign in (r"%Cpu0 ", r"%Cpu1 ", r"COMMAND", r" root ", r" R +(?:9\d|1\d\d)\.\d .*sh"):
            run.expect(sign, 20)
    run.send("q")
    run.expect(r"\$ \Z", 20)
    run.send("kill $!\n")
    run.wait_prompt()
    run.send("cat\nechoed\n")
    run.expect(r"^echoed\nechoed\n", 20)  # the terminal's, and cat's
