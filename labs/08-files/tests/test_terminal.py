"""Lab 8, exercise 4: process groups, and the keys that signal the terminal's foreground group."""

from __future__ import annotations

import random

import pytest
from files_host import EACCES, EINVAL, EPERM, ESRCH, SIGINT, SIGQUIT, SIGTSTP, Launcher

from labs.foretold import Numbers, new_input
from labs.grade import check

NOBODY = 31000
FIRST = 1  # process 1 leads session 1


class Groups:
    """The processes of user/groups.c by number: 0 is the parent."""

    def __init__(self) -> None:
        self.pids, self.groups, self.sessions = [FIRST], [FIRST], [FIRST]
        self.executed = [True]

    def add(self, pid: int, kind: int) -> None:
        leads = kind == 0
        self.pids.append(pid)
        self.groups.append(pid if leads else FIRST)
        self.sessions.append(pid if leads else FIRST)
        self.executed.append(kind == 1)

    def setpgid(self, actor: int, pid: int, group: int) -> set[int]:
        """Does it, and says what it may return."""
        if group < 0:
            return {-EINVAL}
        target = actor if pid == 0 else self.pids.index(pid) if pid in self.pids else -1
        if target < 0 or target != actor and actor != 0:
            return {-ESRCH}
        errors = set()
        if target != actor and self.executed[target]:
            errors.add(-EACCES)
        leads = self.sessions[target] == self.pids[target]
        if leads or self.sessions[target] != self.sessions[actor]:
            errors.add(-EPERM)
        group = group or self.pids[target]
        session = self.sessions[target]
        there = (group, session) in zip(self.groups, self.sessions)
        if group != self.pids[target] and not there:
            errors.add(-EPERM)
        if not errors:
            self.groups[target] = group
        return errors or {0}


@pytest.mark.points(4, exercise=4)
def test_groups_are_joined_and_founded(launch: Launcher, rng: random.Random) -> None:
    """setpgid moves the caller, or a child that has not executed, within its session."""
    seed, children, count = new_input(rng), rng.randint(4, 7), rng.randint(100, 150)
    lines = launch.lines("groups", seed, children, count)
    numbers, model = Numbers(seed), Groups()
    for index in range(1, children + 1):
        words = lines[index - 1].split()
        check("the line of a new child", seen=words[:2], expected=["child", str(index)])
        model.add(int(words[2]), numbers.below(4))
    for step in range(count):
        actor = numbers.below(children + 1)
        target = actor if numbers.below(2) else numbers.below(children + 1)
        other = target if numbers.below(3) == 0 else numbers.below(children + 1)
        odd = numbers.below(14)
        pid = 0 if odd <= 2 and target == actor else NOBODY if odd == 3 else model.pids[target]
        group = -7 if odd == 4 else NOBODY if odd == 5 else 0 if odd <= 8 else model.pids[other]
        other_one = "a child" if actor == 0 else "another"
        whose = "itself" if pid in (0, model.pids[actor]) else other_one
        what = f"step {step}: process {model.pids[actor]} puts {whose} ({pid}) into group {group}"
        may = model.setpgid(actor, pid, group)
        seen = lines[children + step].split() if children + step < len(lines) else [None] * 3
        result = int(seen[1]) if seen[1] in {str(one) for one in may} else min(may)
        check(
            f"{what}: result, and the group afterwards",
            seen=seen[1:],
            expected=[str(result), str(model.groups[target])],
            why="EINVAL, ESRCH, EACCES (it has executed), EPERM (it leads a session, or the group "
            "or the process is in another one); group 0 is a group of its own",
        )


class Keyboard:
    """The terminal and the children of user/keyboard.c."""

    CHILDREN = 5

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def new_round(self) -> None:
        numbers, group = self.numbers, -1
        self.groups, self.ignores = [], []
        for index in range(self.CHILDREN):
            leads = numbers.below(2)
            self.ignores.append(numbers.below(8) if numbers.below(4) == 0 else 0)
            if leads or group < 0:
                group = index
            self.groups.append(group)
        odd, letter = numbers.below(8), 1 + numbers.below(2)
        self.signals, self.flushes = odd != 0, odd not in (1, 2)
        keys = [letter if odd == 3 else 3, letter if odd == 4 else 28, letter if odd == 5 else 26]
        self.keys = dict(zip(keys, (SIGINT, SIGQUIT, SIGTSTP)))
        self.foreground = self.groups[numbers.below(self.CHILDREN)]

    def type(self, text: bytes, key: int, letter: bytes) -> str:
        """The line that the program prints after text, key and letter have been typed."""
        became = [0] * self.CHILDREN
        signal = self.keys.get(key) if self.signals else None
        if signal is None:
            line = text + bytes([key]) + letter + b"\n"
        else:
            line = (b"" if self.flushes else text) + letter + b"\n"
            which = (SIGINT, SIGQUIT, SIGTSTP).index(signal)
            for index in range(self.CHILDREN):
                if self.groups[index] == self.foreground and not self.ignores[index] >> which & 1:
                    became[index] = -signal if signal == SIGTSTP else signal
        words = [str(len(line)), *(str(byte) for byte in line), "became", *(str(n) for n in became)]
        return "read " + " ".join(words) + " ."


@pytest.mark.points(4, exercise=4)
def test_keys_reach_the_foreground_group(launch: Launcher, rng: random.Random) -> None:
    """^C, ^\\ and ^Z signal the whole foreground group and nobody else, as the settings say."""
    seed, rounds = new_input(rng), 14
    machine = launch.first("keyboard", seed, rounds)
    keyboard = Keyboard(Numbers(seed))
    for number in range(rounds):
        machine.expect(rf"^round {number}\n")
        keyboard.new_round()
        text = bytes(rng.choices(b"abcdefgh ", k=rng.randint(1, 6)))
        key = rng.choice([3, 28, 26, *keyboard.keys, *keyboard.keys])
        letter = bytes([rng.choice(b"klmnop")])
        machine.send(text + bytes([key]) + letter + b"\n")
        found = machine.expect(r"^read [^\n]*\.\n")
        keys = {name: char for char, name in keyboard.keys.items()}
        what = (
            f"round {number}, character {key} typed after {text!r}, with VINTR, VQUIT, VSUSP = "
            f"{keys[SIGINT]}, {keys[SIGQUIT]}, {keys[SIGTSTP]}, ISIG {keyboard.signals}, NOFLSH "
            f"{not keyboard.flushes}, groups {keyboard.groups}, foreground {keyboard.foreground}"
        )
        check(
            f"{what}: what can be read, and what became of the children (signal, -signal: stopped)",
            seen=found.text.strip(),
            expected=keyboard.type(text, key, letter),
            why="the character is no input; what was typed before is dropped unless NOFLSH is set",
        )
        if keyboard.signals and key in keyboard.keys:
            shown = f"^{chr(key ^ 0x40)}"
            if shown not in found.before:
                check(f"{what}: the echo", seen=found.before, expected=f"… {shown} …")
    machine.expect(r"^end\n")
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)
