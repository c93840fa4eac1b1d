"""Lab 5, exercises 3 and 4: sleep and wake, and the end of a thread. See test_switch.py."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable

import pytest
from thread_model import MASK, STUCK, Log, Numbers, new_input, read_log, run_case, schedules

from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import check, fail

Start = Callable[..., Machine]
Play = Callable[..., Log]
IDLE = "Scheduler::idle_loop"

# --- exercise 3 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=3)
def test_no_value_is_lost(play: Play, rng: random.Random) -> None:
    """What producers put into a small ring comes out once each, in each producer's order."""
    seed, count, pairs, each = new_input(rng), 8, 3, 40
    log = play("ring", seed, schedules=count)
    for number, (switches, game) in enumerate(schedules(seed, count)):
        how = log.round(number, switches)
        made = []
        for producer in range(pairs):
            numbers = Numbers(game + producer)
            row = []
            for _ in range(each):
                row.append(numbers.next() & ~0xFF | producer)
                numbers.below(4)
            made.append(row)
        taken = log.until(lambda word: word <= 2 * pairs)
        why = "after sleeping, look at the predicate again with the lock held: others came first"
        if MASK in taken:
            fail(f"{how}: wait_until() returned though its predicate was false", why)
        done = log.take("the number of threads that are done")
        log.all_done(how, seen=done, expected=2 * pairs)
        for producer, row in enumerate(made):
            seen = [value for value in taken if value & 0xFF == producer]
            check(f"{how}: what producer {producer} made, as it was taken", seen=seen, expected=row)
        check(
            f"{how}: how many still stand in the queues",
            seen=log.take("how many still wait"),
            expected=0,
            why="who was woken is no longer in the queue: wake_locked() takes it out, and count_ with it",
        )


@pytest.mark.points(3, exercise=3)
def test_hart_rests_while_all_wait(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """While every thread waits the hart executes wfi; a key's interrupt wakes who waits for it."""
    keys = bytes(rng.randrange(1, 127) for _ in range(12))
    machine = start(append=f"ktest=threadlab_idle keys={len(keys)}")
    machine.expect(r"^probe: waiting")
    machine.send(keys[:1])
    names: Counter[str] = Counter()
    busy = machine.deadline(1)  # it may still be at work on the key
    while names[IDLE] < 10 and (names.total() < 100 or busy.left()):
        names[symbols.name(machine.registers()["pc"]).split("+")[0].split("(")[0]] += 1
        time.sleep(0.002)
    if names[IDLE] < 10:
        fail(
            f"of {names.total()} looks at the hart {names[IDLE]} found it in the idle loop; it was in "
            f"{dict(names)}",
            "a thread that waits must sleep, not look again and again",
        )
    machine.send(keys[1:])
    log = read_log(machine, symbols)
    expected = 0
    for key in keys:
        expected = (expected * 31 + key) & MASK
    check("the sum over all keys", seen=log.take("the sum"), expected=expected, why=STUCK)


def expected_wakes(seed: int, threads: int, steps: int) -> list[list[int]]:
    """What threadlab_wake notes in each step."""
    numbers, mark = Numbers(seed), 1000
    queue = deque(range(threads))
    result = []
    for _ in range(steps):
        kind, permits = numbers.below(4), 1 + numbers.below(threads - 1)
        words = [1, 1] if kind == 3 else []
        served = {0: 1, 1: permits, 2: 0, 3: 2}[kind]
        first = [queue.popleft() for _ in range(served)]
        if kind == 2:
            queue.rotate(-1)  # it looked, and stands at the end again
        # Under wake_all() the others stand at the end again in their order; then come the served.
        queue.extend(first)
        result.append([*words, *first, mark, threads])
    return result


@pytest.mark.points(4, exercise=3)
def test_wake_finds_the_right_ones(play: Play, rng: random.Random) -> None:
    """wake_one() wakes who has waited longest, wake_all() all, and observers take nothing away."""
    seed, threads, steps = new_input(rng), rng.randint(4, 8), 60
    log = play("wake", seed, threads=threads, steps=steps)
    check(
        "how often wake() took the lock of an empty queue",
        seen=log.take("how often"),
        expected=0,
        why="look at waiting() first: whoever wakes an empty queue should pay next to nothing",
    )
    kinds = Numbers(seed)
    for step, expected in enumerate(expected_wakes(seed, threads, steps)):
        kind = kinds.below(4)
        kinds.below(threads - 1)
        what = (
            "one permit, wake_one()",
            "some permits, wake_all()",
            "wake_one() for nothing",
            "twice one permit and wake_one(), with a WaitSet looking on",
        )[kind]
        seen = log.until(lambda word: word == 1000)
        seen += [log.take("the end of a step"), log.take("how many wait")]
        check(
            f"step {step} ({what}): {'whether the set heard each, ' if kind == 3 else ''}who passed, "
            "a mark, and how many wait then",
            seen=seen,
            expected=expected,
            why="a place in the queue is given up by the waker and in the order of coming; an "
            "observer is told and stays, and wake_one() goes on to the next real waiter",
        )


@pytest.mark.points(3, exercise=3)
def test_giving_up_looks_once_more(play: Play, rng: random.Random) -> None:
    """A wait with a deadline ends by wake-up, time-out or interruption, and errors only in vain."""
    seed, cases = new_input(rng), 24
    log = play("deadline", seed, cases=cases)
    numbers = Numbers(seed)
    stories = ("the deadline passes", "woken in time", "interrupted",
               "the deadline passes, and the predicate is true before the thread runs again",
               "interrupted, and the predicate is true before the thread runs again",
               "the predicate is true from the start, the deadline over")  # fmt: skip
    for case in range(cases):
        kind = numbers.below(6)
        if kind != 5:
            numbers.below(1_000_000)
        what = f"case {case} ({stories[kind]})"
        check(
            f"{what}: the outcome (0, ETIMEDOUT 110, EINTR 4; 77: it never came back)",
            seen=log.take("an outcome"),
            expected={0: 110, 2: 4}.get(kind, 0),
            why="whoever gives up looks at the predicate a last time: a wake-up may be meant for it",
        )
        check(f"{what}: the lock is held", seen=log.take("the lock"), expected=1)
        late = log.take("the time")
        if kind == 0:
            check(f"{what}: not before the deadline", seen=late, expected=1)
        check(
            f"{what}: how many still wait",
            seen=log.take("the queue"),
            expected=0,
            why="who gives up, or was woken, leaves the queue: wake_locked() takes out whom it wakes "
            "and lowers count_, and a Waiter must not live longer than its wait",
        )


# --- exercise 4 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=4)
def test_threads_end_and_leave_nothing(play: Play, rng: random.Random) -> None:
    """join() returns when the thread has done its work, and then all that it had is free again."""
    seed, crowds, crowd = new_input(rng), 15, 20
    log = play("end", seed, crowds=crowds)
    numbers = Numbers(seed)
    free, threads = 0, log.take("the number of threads")
    for number in range(crowds):
        answers = []
        for _ in range(crowd):
            numbers.below(12)
            answers.append(numbers.next())
        numbers.below(crowd)
        order = [*range(crowd), *(numbers.below(crowd) for _ in range(5))]
        for index in order:
            if log.words[log.at :] == [0]:
                fail(f"in crowd {number} a join() never returned", STUCK)
            check(
                f"crowd {number}: what thread {index} had worked out when join() returned",
                seen=log.take("a result"),
                expected=answers[index],
                why="join() must wait until the thread has finished",
            )
            check("its state was kFinished", seen=log.take("its state"), expected=1)
        if log.words[log.at :] == [0]:
            fail("two threads joined a third, and only one of them came back", "wake all joiners")
        check("what another thread saw that joined too", seen=log.take("a state"), expected=4)
        seen = log.take("the number of free frames"), log.take("the number of threads")
        free = seen[0] if number == 0 else free
        check(
            f"how many frames are free after crowd {number}",
            seen=seen[0],
            expected=free,
            why="who runs next gives the stack of the finished thread back, by bury()",
        )
        if seen[1] != threads:
            fail(
                f"after crowd {number} {seen[1] - threads} Thread objects more than before are still there",
                "who holds a reference? A started thread has one to itself, which bury() releases",
            )
    check("the scenario came to its end", seen=log.take("the end"), expected=1)


@pytest.mark.points(2, exercise=4)
def test_last_steps_of_a_thread(
    play: Play, start: Start, symbols: Symbols, rng: random.Random
) -> None:
    """A thread settles what is left, by itself, while others sleep in join(); else it panics."""
    log = play("last_steps", new_input(rng))
    check(
        "the state of a thread in join() (3: parked)",
        seen=log.take("a state"),
        expected=3,
        why="it must sleep, not look again and again: wait_until()",
    )
    facts = (
        ("how often `user` was destroyed before join() returned", "user.reset() in exit_thread()"),
        ("it was done by the thread itself", "bury() is too late: that is another thread"),
        ("it could sleep meanwhile", "first `user`, then all that needs interrupts off"),
        ("join() came back", STUCK),
    )
    for what, why in facts:
        check(what, seen=log.take(what), expected=1, why=why)
    check(
        "how many references to the thread there were when its joiners were woken",
        seen=log.take("how many"),
        expected=2,
        why="its own must go last: without another one the Thread is gone then, and its queue with it",
    )
    names, what = ("careless", "kept"), "a thread ends that holds a mutex"
    why = "exit_thread() must look at held_mutexes: nobody could ever unlock that mutex"
    run_case(start, symbols, "exit", new_input(rng), what, names=names, why=why)


@pytest.mark.points(2, exercise=4)
def test_joining_oneself_panics(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """A thread that joins itself would wait for ever: panic. Joining another one is fine."""
    for case in rng.sample(["self", "other"], 2):
        seed = new_input(rng)
        what = f"a thread joins {'itself' if case == 'self' else 'another'}"
        names = ("driver",) if case == "self" else ()
        log = run_case(start, symbols, "join", seed, what, names=names, case=case)
        if log:
            numbers = Numbers(seed)
            numbers.below(20)
            answer = log.take("the other's result")
            check(f"{what}: the other's result", seen=answer, expected=numbers.next())
