"""Lab 8, exercises 1 and 2: signals. A program that runs as process 1 does what its random input
says; what it and its children are told must be what a model of signals foretells."""

from __future__ import annotations

import random

import pytest
from files_host import (
    EFAULT, EINVAL, ESRCH, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGKILL, SIGPIPE, SIGSTOP,
    SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGUSR1, SIGUSR2, SIGWINCH, UNBLOCKABLE,
    Launcher, bit, compare,
)  # fmt: skip

from labs.foretold import MASK, Numbers, new_input

STOPS = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU)
IGNORED_BY_DEFAULT = bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH)
KINDS = [SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGCHLD, SIGCONT, SIGCONT, SIGCONT, SIGTSTP, SIGTTIN,
         SIGSTOP, SIGURG, SIGWINCH, SIGIO, SIGUSR1, SIGUSR2]  # fmt: skip


# --- exercise 1 -----------------------------------------------------------------------------------


def expected_actions(numbers: Numbers, count: int) -> list[tuple[str, str]]:
    """The lines of user/actions.c, each with what it is about."""
    actions: dict[int, tuple[int, int, int]] = {}
    lines = []
    for index in range(count):
        kind = numbers.below(8)
        number = numbers.below(80) - 8 if numbers.below(6) == 0 else 7 + numbers.below(14)
        if kind == 7:
            number = 1 + numbers.below(6)
        flags, mask = numbers.next() & 0xFC000007, numbers.next()
        handler = numbers.below(3)
        handler = numbers.next() >> 30 if handler == 2 else handler
        if kind == 7:
            numbers.below(2)
        size = numbers.below(8) if numbers.below(10) == 0 else 8
        gives, asks = kind != 5, kind != 6
        result, told = 0, (7, 7, 7)
        if size != 8 or not 1 <= number <= 64 or gives and number in (SIGKILL, SIGSTOP):
            result = -EINVAL
        elif kind == 7:
            result = -EFAULT
        else:
            told = actions.get(number, (0, 0, 0)) if asks else told
            if gives:
                actions[number] = (handler, flags, mask & MASK & ~UNBLOCKABLE)
        what = {5: "only asking", 6: "without a place for the old one", 7: "from a bad address"}
        about = f"sigaction({number}), {what.get(kind, 'asking and setting')}, set size {size}"
        lines.append((f"{index} {result} {told[0]:x} {told[1]:x} {told[2]:x}", about))
    return [*lines, (f"end {numbers.next():x}", "the last random number")]


@pytest.mark.points(4, exercise=1)
def test_actions_are_kept(launch: Launcher, rng: random.Random) -> None:
    """sigaction keeps what it is given, tells what was there, and refuses what cannot be."""
    seed, count = new_input(rng), rng.randint(250, 300)
    lines = launch.lines("actions", seed, count)
    expected = expected_actions(Numbers(seed), count)
    compare(
        lines,
        [line for line, _ in expected],
        lambda i: f"call {i}, {expected[i][1]}: number, result, handler, flags and mask of before",
        "the old action is told, also where only that is asked; SIGKILL and SIGSTOP can be neither "
        "handled nor blocked, not even by a mask",
    )


# --- exercise 2 -----------------------------------------------------------------------------------


class Child:
    """A child of user/kills.c, as signal(7) has it."""

    def __init__(self, ignored: int, blocked: int, own_group: bool) -> None:
        self.ignored = ignored & ~UNBLOCKABLE
        self.blocked = blocked & ~UNBLOCKABLE
        self.own_group = own_group
        self.pending, self.stopped, self.dead = 0, False, 0

    def ignores(self, signal: int) -> bool:
        return bool((self.ignored | IGNORED_BY_DEFAULT) & bit(signal))

    def run(self) -> None:
        """Acts on what is pending and not blocked, by number, SIGKILL first."""
        while not self.stopped and not self.dead and (ready := self.pending & ~self.blocked):
            signal = SIGKILL if ready & bit(SIGKILL) else (ready & -ready).bit_length()
            self.pending &= ~bit(signal)
            if self.ignores(signal):
                continue
            if bit(signal) & STOPS:
                self.stopped = True
            else:
                self.dead = signal

    def send(self, signal: int) -> None:
        if self.dead or signal == 0:
            return
        if bit(signal) & STOPS:
            self.pending &= ~bit(SIGCONT)
        if signal == SIGCONT:
            self.pending &= ~STOPS
        if signal in (SIGCONT, SIGKILL):
            self.stopped = False
        if not self.ignores(signal) or self.blocked & bit(signal):
            self.pending |= bit(signal)
        self.run()

    def do(self, command: int, value: int) -> None:
        """What the child is asked to do itself: set its mask, ignore, or not."""
        if self.dead or self.stopped:
            return
        if command == 1:
            self.blocked = value & ~UNBLOCKABLE
            self.run()
        elif command == 2:
            self.ignored |= bit(value)
            self.pending &= ~bit(value)
        else:
            self.ignored &= ~bit(value)

    def __str__(self) -> str:
        if self.dead:
            return f"dead {self.dead}"
        return "stopped" if self.stopped else f"pending {self.pending & self.blocked:x}"


def new_child(numbers: Numbers) -> Child:
    ignored, blocked = numbers.next() & numbers.next(), numbers.next()
    wanted = sum({bit(signal) for signal in KINDS if ignored & bit(signal)})
    return Child(wanted, blocked, numbers.below(2) == 1)


def expected_kills(numbers: Numbers, count: int, steps: int) -> list[tuple[str, str]]:
    """The lines of user/kills.c, each with what it is about."""
    children: list[Child] = []
    lines = []
    for index in range(count):
        children.append(new_child(numbers))
        lines.append((f"new {index} {children[-1]}", "a new child"))
    for step in range(steps):
        how, value = numbers.below(16), numbers.next()
        which, signal = numbers.below(count), KINDS[numbers.below(len(KINDS))]
        child = children[which]
        if child.dead and how < 8:
            children[which] = new_child(numbers)
            lines.append((f"new {which} {children[which]}", "a new child in place of a dead one"))
            continue
        if how < 6:
            command = 1 if how < 3 else 2 if how < 5 else 3
            by_default = IGNORED_BY_DEFAULT if command == 3 else 0
            if (by_default | bit(SIGSTOP)) & bit(signal):
                signal = SIGTERM
            child.do(command, value if command == 1 else signal)
            what = {1: f"blocks {value:#x}", 2: f"ignores {signal}", 3: f"does not ignore {signal}"}
            lines.append((f"does {which} {child}", f"child {which} {what[command]}"))
            continue
        if how == 15:
            signal = SIGKILL if value % 4 == 0 else value % 3 * 65 - 65
        touched = range(count) if how >= 13 or how == 11 else [which]
        living = [c for c in children if not c.dead]
        targets, exists = [child] if not child.dead else [], not child.dead
        about = f"kill of child {which}, signal {signal}"
        if how == 11:
            about = f"kill of the group of child {which}, signal {signal}"
            exists = child.own_group and not child.dead
            targets = targets if exists else []
        elif how == 12:
            about, exists = f"kill of a process that is not there, signal {signal}", False
            targets = []
        elif how == 13:
            about, exists = f"kill of the caller's own group (0), signal {signal}", True
            targets = [c for c in living if not c.own_group]
        elif how == 14:
            about = f"kill of everybody (-1), signal {signal}"
            targets, exists = living, bool(living)
        bad = not 0 <= signal <= 64
        for target in [] if bad else targets:
            target.send(signal)
        result = -ESRCH if not exists else -EINVAL if bad else 0
        lines.append((f"kill {step} {result}", f"{about}: its result"))
        lines += [(f"then {i} {children[i]}", f"child {i} after {about}") for i in touched]
    return lines


@pytest.mark.points(6, exercise=2)
def test_signals_do_what_they_should(launch: Launcher, rng: random.Random) -> None:
    """Signals kill, stop, continue, wait or vanish, as each child ignores and blocks them."""
    seed, children, steps = new_input(rng), rng.randint(5, 7), rng.randint(220, 260)
    lines = launch.lines("kills", seed, children, steps)
    expected = expected_kills(Numbers(seed), children, steps)
    compare(
        lines,
        [line for line, _ in expected],
        lambda i: expected[i][1],
        "what is ignored and not blocked vanishes; what is blocked waits, ignored or not, until it "
        "is unblocked or ignored anew; stopping and continuing take each other back "
        "(cancel_opposites); -1 reaches all but process 1 and the sender",
    )
