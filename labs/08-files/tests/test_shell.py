"""Lab 8, exercises 7 and 8: the shell. Random scripts run here and on the host; what they leave in
files must be the same. Jobs are watched from the keyboard's side."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from files_host import SIGTERM, Launcher
from shell_scripts import (
    bad_line, builtin_lines, host_files, pipeline_lines, random_text, word,
)  # fmt: skip

from grading.errors import GuestEnded, GuestTimeout
from grading.machine import PROMPT, Machine
from grading.tree import Tree, file
from labs.foretold import fnv
from labs.grade import check, fail

SH = "init=/bin/sh -- /script"
HANGS = "who waits for the end of a pipe never sees it while anybody has its other end open"


def run_script(
    launch: Launcher, script: str, files: dict[str, bytes], names: list[str]
) -> dict[str, str]:
    """Runs the script as process 1, which becomes `show` at its end; what that says of files."""
    tree: Tree = {f"/tmp/{name}": file(data) for name, data in files.items()}
    tree["/script"] = file(f"cd /tmp\n{script}exec show {' '.join(names)}\n")
    machine = launch.system(tree, SH, ["show"])
    try:
        found = machine.expect(r"^begin\n((?:.*\n)*?)end\n", 12)
    except GuestTimeout as error:
        fail(f"the script hangs; it is\n{script}", f"{HANGS}\n{error}")
    except GuestEnded as error:
        fail(f"the shell ended before its script did; it is\n{script}", str(error))
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)
    return dict(line.split(" ", 1) for line in found.groups[0].splitlines())


def compare_file(name: str, line: str, seen: str | None, data: bytes | None, why: str) -> None:
    """Compares what `show` says of a file with what the host has in it."""
    expected = "is missing" if data is None else f"{len(data)} {fnv(data):x}"
    if seen != expected:
        begins = f", beginning with {data[:120]!r}" if data else ""
        fail(
            f"the file {name} (size and hash) after\n    {line}\n"
            f"  expected: {expected}{begins}\n  seen:     {seen}",
            why,
        )


# --- exercise 7 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=7)
def test_lines_mean_what_they_mean_to_sh(
    launch: Launcher, rng: random.Random, folder: Path
) -> None:
    """Words, assignments, groups and redirections leave the files that the host's sh leaves."""
    lines = builtin_lines(rng, 45)
    script = "\n".join(lines.values()) + "\n"
    names = [f"{name}{end}" for name in lines for end in ("", ".2", ".3")]
    seen = run_script(launch, script, {}, names)
    expected = host_files(script, {}, names, folder / "host")
    for name in names:
        compare_file(name, lines[name.split(".")[0]], seen.get(name), expected.get(name),
                     "redirections are done from left to right, wherever they stand; n>&m makes n "
                     "a copy of m as it is at that moment")  # fmt: skip
    for _ in range(2):
        bad, first, never = bad_line(rng), word(rng), word(rng)
        text = f"echo 'first' {first}\n{bad}\necho 'never' {never}\n"
        machine = launch.system({"/script": file(text)}, SH)
        machine.wait_exit()
        console = machine.console.text
        ended = re.search(r"process 1 ended with status (\d+)", console)
        check(
            f"a script with a line before and a line after {bad!r}: whether the one before ran, "
            "whether the one after ran, and the exit status",
            seen=(f"first {first}" in console, f"never {never}" in console, ended and ended[1]),
            expected=(True, False, "2"),
            why="a line that is no command is a syntax error, which ends a script with status 2",
        )


# --- exercise 8 -----------------------------------------------------------------------------------


@pytest.mark.points(3, exercise=8)
def test_no_stage_holds_a_pipe_too_many(launch: Launcher, rng: random.Random) -> None:
    """Each process of a pipeline has three descriptors and no other, and the shell keeps none."""
    count = rng.randint(2, 5)
    names = [f"s{index}{word(rng)}" for index in range(count)]
    alone, redirected, last = (f"{kind}{word(rng)}" for kind in ("alone", "redirected", "last"))
    script = f"{' | '.join(f'fds {name}' for name in names)}\nfds {alone}\n"
    script += f"fds {redirected} < /script > /out\n(fds {last}) | cat\nexit 0\n"
    machine = launch.system({"/script": file(script)}, SH, ["fds"])
    hangs: GuestTimeout | None = None
    try:
        machine.wait_exit(8)
    except GuestTimeout as error:
        hangs = error
    text = machine.console.text
    seen = dict(re.findall(r"^fds (\w+) (.*) \.$", text, re.MULTILINE))
    expected = {}
    for index, name in enumerate(names):
        ends = ("c" if index == 0 else "p", "c" if index == count - 1 else "p")
        expected[name] = f"{ends[0]}{ends[1]}c open 0 1 2"
    expected |= {alone: "ccc open 0 1 2", redirected: "ffc open 0 1 2", last: "cpc open 0 1 2"}
    for name, wanted in expected.items():
        check(
            f"what is behind descriptors 0, 1, 2 of {name} (p: pipe, c: terminal, f: file), and "
            f"which are open, in the script\n{script.rstrip()}\n ",
            seen=seen.get(name),
            expected=wanted,
            why="the parent still holds the write end, or a child kept an end that is not its own: "
            "the reader would never see the end",
        )
    if hangs:
        fail(f"the script hangs; it is\n{script}", f"{HANGS}\n{hangs}")


@pytest.mark.points(4, exercise=8)
def test_pipelines_do_what_the_hosts_do(
    launch: Launcher, rng: random.Random, folder: Path
) -> None:
    """Random pipelines over random data: output and status are those with the host's sh."""
    script, names = pipeline_lines(rng, 16)
    big, small = random_text(rng, rng.randint(100_000, 160_000)), random_text(rng, 3000)
    files = {"big": big, "small": small}
    seen = run_script(launch, script, files, names)
    expected = host_files(script, files, names, folder / "host")
    for name in names:
        whole = name == "status"
        line = script if whole else script.splitlines()[int(name[1:].split(".")[0])]
        compare_file(name, line, seen.get(name), expected.get(name),
                     "the status of a pipeline is that of its last command (! turns it around), "
                     "and the shell waits for all of them")  # fmt: skip


class Keyboard:
    """Somebody at the keyboard of an interactive shell."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def prompt(self, after: str, why: str) -> str:
        """Waits for the prompt; what came before it."""
        try:
            return self.machine.expect(PROMPT, 4).before
        except (GuestTimeout, GuestEnded) as error:
            fail(f"the shell does not ask for the next line after {after}", f"{why}\n{error}")
            raise AssertionError from None

    def command(self, line: str) -> str:
        """Types a line, and gives what it printed."""
        self.machine.send(f"{line}\n")
        text = self.prompt(repr(line), "the shell waits for its job and takes the terminal back")
        return text.replace(line, "", 1)

    def number(self, line: str) -> int | None:
        """Types a line and `echo` of a number; the number."""
        found = re.search(r"^number (\d+)", self.command(line), re.MULTILINE)
        return found and int(found[1])

    def start(self, line: str, names: list[str], why: str) -> dict[str, list[int]]:
        """Types a line that starts `who NAME …` for each name; what these say of themselves."""
        self.machine.send(f"{line}\n")
        said = {}
        for _ in names:
            try:
                found = self.machine.expect(rf"who ({'|'.join(names)}) ([\d -]+) \.\n", 4)
            except (GuestTimeout, GuestEnded) as error:
                fail(f"not all of {', '.join(names)} start in {line!r}", f"{why}\n{error}")
            said[found.groups[0]] = [int(number) for number in found.groups[1].split()]
        return said


@pytest.mark.points(3, exercise=8)
def test_jobs_come_and_go(launch: Launcher, rng: random.Random) -> None:
    """A pipeline is one group; ^Z stops it, fg continues it, ^C ends it, and the others live on."""
    machine = launch.system({}, "init=/bin/sh", ["who"])
    keyboard = Keyboard(machine)
    machine.wait_prompt()
    code, other = rng.randint(3, 99), rng.randint(100, 120)
    names = [word(rng) + str(index) for index in range(8)]
    three = names[:3]
    said = keyboard.start(" | ".join(f"who {name}" for name in three), three, "each stage runs")
    keyboard.prompt("a pipeline", "it has ended")
    for name in three:
        check(f"{name}'s group, session and the terminal's group, in a pipeline of three",
              seen=said[name][1:], expected=[said[three[0]][0], 1, said[three[0]][0]],
              why="the group is the first process's, and each child joins it and gives it the "
              "terminal before it runs (job_enter)")  # fmt: skip
    line = f"sleep 500 | who {names[3]} {code} &"
    said = keyboard.start(line, names[3:4], "it runs in the background")
    machine.send("echo 'still ''there'\n")  # the prompt came before or after what `who` said
    machine.expect(r"still there\n")
    keyboard.prompt("a job in the background", "nobody waits for it")
    background, group, _, foreground = said[names[3]]
    check(f"whether {names[3]}, in the background, has the terminal, and the shell's group",
          seen=(foreground == group, group == 1), expected=(False, False))  # fmt: skip
    keyboard.start(f"who {names[4]} {code}", names[4:5], "a job in the foreground runs at once")
    machine.send("\x1a")
    keyboard.prompt("^Z", "a job that has stopped is waited for no longer: WUNTRACED")
    status = keyboard.number("echo number $?")
    check("the status of a job that was stopped (128 + SIGTSTP)", seen=status, expected=148)
    text = keyboard.command("jobs")
    check("whether `jobs` shows a stopped and a running job",
          seen=("Stopped" in text, "Running" in text), expected=(True, True))  # fmt: skip
    machine.send("fg\n")
    machine.expect(rf"^who {names[4]} {code}\n")
    machine.send("abc\n")
    keyboard.prompt("`fg` and its job's end", "it runs again, and then it has ended")
    check(f"the status of the job that went on by fg (it exits with {code})",
          seen=keyboard.number("echo number $?"), expected=code)  # fmt: skip
    line = f"who {names[5]} 1 | who {names[6]} 2"
    keyboard.start(line, names[5:7], "all stages run at the same time")
    machine.send("\x03")
    keyboard.prompt("^C", "SIGINT has killed the job, not the shell")
    status = keyboard.number("echo number $?")
    check("the status of a pipeline ended by ^C", seen=status, expected=130)
    check("the status of the job in the background, which is killed by SIGTERM only now",
          seen=keyboard.number(f"kill {group} {background}; wait {background}; echo number $?"),
          expected=128 + SIGTERM, why="^C and ^Z are for the foreground group alone")  # fmt: skip
    check("the status of a job in the background that was waited for",
          seen=keyboard.number(f"sh -c 'exit {other}' & wait $!; echo number $?"), expected=other)  # fmt: skip
