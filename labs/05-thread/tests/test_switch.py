"""Lab 5, exercises 1 and 2: the line of runnable threads, the switch, and new threads.

Each test of this lab boots a kernel with one of the probes of labs/05-thread/kernel and a random
input. The probe plays a scenario that follows from the input and writes what happened into memory;
the host reads it there and compares it with what it has worked out by itself. All is on one hart.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

import pytest
from thread_model import MASK, Log, Numbers, new_input

from labs.grade import check, fail

Play = Callable[..., Log]

# --- exercise 1 -----------------------------------------------------------------------------------


def expected_queue(seed: int) -> list[int]:
    """What threadlab_queue takes out, for a policy that is a line."""
    nobody, numbers = 99, Numbers(seed)
    line: deque[int] = deque()
    taken = [nobody]
    for _ in range(500):
        which, _arrival = numbers.below(8), numbers.below(6)
        if which in line:
            taken.append(line.popleft())
        else:
            line.append(which)
    return [*taken, *line, nobody, (numbers.next() + sum(range(100))) & MASK]


@pytest.mark.points(6, exercise=1)
def test_threads_wait_in_line(play: Play, rng: random.Random) -> None:
    """Threads leave the queue in the order in which they came, whatever brought them."""
    seed = new_input(rng)
    log, expected = play("queue", seed).words, expected_queue(seed)
    for step, (seen, wanted) in enumerate(zip(log, expected[:-1])):
        check(
            f"take_next() number {step} of a random script (99: nobody)",
            seen=seen,
            expected=wanted,
            why="round robin is one line: add() goes to its end for every Arrival, take_next() "
            "takes from its front",
        )
    check("how many answers there are", seen=len(log), expected=len(expected))
    check("the sum after 100 times yield(), alone on the hart", seen=log[-1], expected=expected[-1])


# --- exercise 2 -----------------------------------------------------------------------------------


def check_switches_by_hand(log: Log, numbers: Numbers) -> None:
    """What two hand-made contexts found after each switch between them, and what was saved."""
    they, we = 0xB, 0xA

    def twelve() -> list[int]:
        return [numbers.next() for _ in range(12)]

    made, ours, theirs = twelve(), twelve(), twelve()
    first, second = ours, twelve()
    twelve()
    for turn, (who, found, saved) in enumerate(
        [(they, made, first), (we, first, theirs), (they, theirs, second), (we, second, theirs)]
    ):
        check(
            f"who goes on after switch_context() number {turn} (0xb: *to, 0xa: the first *from)",
            seen=log.take("who goes on"),
            expected=who,
            why="ra must be saved in *from and loaded from *to: it says where to go on (0xc: it was "
            "not saved)",
        )
        number = f"switch_context() number {turn}"
        for register, expected in enumerate(found):
            seen = log.take("a register")
            why = f"s{register} must be loaded from its own offset of *to"
            check(f"s{register} after {number}", seen=seen, expected=expected, why=why)
        why = "sp must be loaded from *to"
        check(f"sp after {number} is that of *to", seen=log.take("sp"), expected=1, why=why)
        for register, expected in enumerate(saved):
            seen = log.take("a saved register")
            why = f"s{register} must be saved at its own offset of *from"
            check(f"s{register} in *from after {number}", seen=seen, expected=expected, why=why)
        why = "sp must be saved in *from"
        check(f"sp in *from after {number} is right", seen=log.take("sp"), expected=1, why=why)
        what = f"what {number} wrote beside the two contexts"
        check(what, seen=log.take("the words beside"), expected=0, why="a Context has 14 words")


@pytest.mark.points(8, exercise=2)
def test_switch_keeps_what_a_call_keeps(play: Play, rng: random.Random) -> None:
    """switch_context() saves and loads 14 registers; threads keep them over 100,000 switches."""
    seed, threads = new_input(rng), rng.randint(3, 7)
    rounds = 100_000 // threads
    log = play("switch", seed, threads=threads, rounds=rounds)
    numbers = Numbers(seed)
    check_switches_by_hand(log, numbers)
    check(
        f"how many of {threads} threads came to the end of {rounds} calls of yield()",
        seen=log.take("the number of threads that are done"),
        expected=threads,
        why="a thread that left was not continued: does ra come back, and is it the place to go on?",
    )
    check("how often sp had changed over a yield()", seen=log.take("sp"), expected=0)
    for thread in range(threads):
        for register in range(12):
            expected = (numbers.next() + rounds * (2 * register + 1)) & MASK
            check(
                f"s{register} of thread {thread} after {rounds} switches",
                seen=log.take("a register"),
                expected=expected,
                why=f"switch_context must save and load s{register} at its own offset of Context",
            )


@pytest.mark.points(5, exercise=2)
def test_new_thread_begins_right(play: Play, rng: random.Random) -> None:
    """A new thread runs its function with its argument, on its own stack below its user frame."""
    seed = new_input(rng)
    log = play("create", seed)
    numbers = Numbers(seed)
    count = 4 + numbers.below(9)
    arguments = []
    for _ in range(count):
        arguments.append(numbers.next())
        numbers.next()
    ids = []
    for index in range(count):
        ids.append(log.take("a thread's number"))
        check(
            f"thread {index} has its name, and is kNew, before start()",
            seen=log.take("its name and state"),
            expected=1,
        )
    check("how many different numbers the threads have", seen=len(set(ids)), expected=count)
    tops = set()
    for index in reversed(range(count)):  # that is how they are started
        why = "threads run in the order in which they were started: a line, from exercise 1"
        argument, number = log.take("an argument"), log.take("a number")
        check("the number of the thread that runs next", seen=number, expected=ids[index], why=why)
        check(
            f"the argument of thread {index}",
            seen=argument,
            expected=arguments[index],
            why="create() must remember what thread_first_run() passes on: entry_ and argument_",
        )
        sp, top = log.take("sp"), log.take("the stack's top")
        check(f"sp of thread {index}, modulo 16", seen=sp % 16, expected=0)
        if not top - 16384 <= sp <= top - 36 * 8:
            fail(
                f"sp of thread {index} is {sp:#x}, and its stack ends at {top:#x}",
                "the context of a new thread starts sizeof(TrapFrame) below the stack's top",
            )
        tops.add(top)
        check(
            f"interrupts are on in thread {index}",
            seen=log.take("whether interrupts are on"),
            expected=1,
            why="the first switch to a thread must return into thread_first_run()",
        )
    check("how many different stacks the threads have", seen=len(tops), expected=count)
    check("how many of the threads have run", seen=log.take("their number"), expected=count)
    for index in range(count):
        check(
            f"how many words of the user frame of thread {index} were overwritten",
            seen=log.take("damage"),
            expected=0,
            why="the stack must begin below the TrapFrame that is kept at its top",
        )
