"""Lab 5, exercises 5 and 6: mutexes, condition variables and semaphores. See test_switch.py."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from thread_model import MASK, STUCK, Log, Numbers, new_input, run_case, schedules

from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import check, fail

Start = Callable[..., Machine]
Play = Callable[..., Log]

# --- exercise 5 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=5)
def test_mutex_excludes(play: Play, rng: random.Random) -> None:
    """Whatever the order of switches, one thread at a time is between lock() and unlock()."""
    seed, count, threads, rounds = new_input(rng), 8, 5, 40
    log = play("mutex", seed, schedules=count)
    switches = log.take("how often another thread ran")
    if not 5 <= switches <= 60:
        fail(
            f"during 100 times lock() and unlock() under seeded pre-emption another thread ran {switches} "
            "times, expected about 25",
            "unlock() ends with schedule_point(), where seeded pre-emption may switch",
        )
    log.all_done(
        "a thread was stopped between its coming into the queue and its mark, and woken meanwhile",
        seen=3 * log.take("whether all ended"),
        expected=3,
        why="who has stood in the queue has waited, whether it slept or not: its wake-up is used up, "
        "and it may take a mutex that is handed over",
    )
    log.all_done(
        "a thread locks, and the owner unlocks between some two of its instructions",
        what="times that it got the mutex",
        seen=log.take("how often it got the mutex"),
        expected=1500,
        why="first into the queue, then mark the word: the owner that sees the mark must find you",
    )
    for number, (switches, game) in enumerate(schedules(seed, count)):
        how = log.round(number, switches)
        total = 0
        for thread in range(threads):
            numbers = Numbers(game + thread)
            for _ in range(rounds):
                total += numbers.next()
                numbers.below(4)
        log.all_done(
            how,
            seen=log.take("how many are done"),
            expected=threads,
            why="who finds the mutex taken must be woken by an unlock(). Between any two of your lines "
            "the owner may unlock: what does it see then, and whom does it wake?",
        )
        check(
            f"{how}: how many threads were inside at once, at most",
            seen=log.take("how many were inside"),
            expected=1,
            why="being woken is not owning: try again until the word is yours",
        )
        check(f"{how}: held() was false for the owner", seen=log.take("owners"), expected=0)
        seen = log.take("the sum")
        check(f"{how}: the sum of what all have added", seen=seen, expected=total & MASK)
        check(f"{how}: main holds the mutex", seen=log.take("held()"), expected=0)


@pytest.mark.points(3, exercise=5)
def test_mutex_is_handed_over(play: Play, rng: random.Random) -> None:
    """A thread that takes the mutex again at once may do so, but cannot keep the others out."""
    log = play("fair", new_input(rng))
    check(
        "how often a thread that had never been overtaken came between unlock() and the next lock()",
        seen=log.take("how often"),
        expected=0,
        why="only who was woken and found the mutex taken sets kHandOver; if all who wait do, "
        "threads that use a mutex in turns switch at every lock()",
    )
    log.all_done("two threads and a mutex", seen=2 * log.take("whether both ended"), expected=2)
    for others in range(1, 5):
        who = f"a greedy thread and {others} more"
        served, worst = log.take("how often others had it"), log.take("the longest wait")
        if worst > 8:
            fail(
                f"{who}: it had the mutex {worst} times while another one waited",
                "who was overtaken must come before those who have not waited, and not only the first "
                "in the queue: kHandOver stays until nobody waits",
            )
        seen, why = log.take("whether it got it"), "kHandOver must go when nobody waits any more"
        check(f"{who}: who comes later gets the mutex too", seen=seen, expected=1, why=why)
        check(f"{who}: how often the others got it", seen=served, expected=20 * others)


@pytest.mark.points(3, exercise=5)
def test_mutex_notices_misuse(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """Unlocking another's mutex, locking twice, in the wrong order, or with a spinlock: panic."""
    debug = (
        "debug builds (DEBUG=1, the default) call check_order() before a mutex, note_held() after it and "
        "note_released() when it is given back"
    )
    # What is done, whom the panic names, and what is missing where there is none.
    cases = {
        "foreign": (
            "a thread unlocks a mutex that another one holds",
            ("misused", "player/1"),
            "unlock() must look who holds the mutex",
        ),
        "twice": (
            "a thread locks a mutex twice",
            ("misused", "player/0"),
            "lock() must look who holds the mutex",
        ),
        "order": (
            "a thread locks a mutex while it holds one that comes later in lock_rank.h",
            ("misused", "comes first"),
            debug,
        ),
        "spinlock": (
            "a thread locks a mutex with a spinlock held",
            ("held meanwhile",),
            debug,
        ),
        "none": ("a thread does what is most like each of these, and right", (), debug),
    }
    for case in rng.sample(list(cases), len(cases)):
        seed, (what, names, why) = new_input(rng), cases[case]
        log = run_case(start, symbols, "misuse", seed, what, names=names, why=why, case=case)
        if log:
            if not log.take("whether it is a debug build"):
                fail(
                    "this kernel was built with DEBUG=0",
                    "the test needs a debug build, the default",
                )
            answer = log.take("the answer")
            check(f"{what}: the answer", seen=answer, expected=Numbers(seed).next())


# --- exercise 6 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=6)
def test_semaphore_counts(play: Play, rng: random.Random) -> None:
    """No more threads pass than there are permits, and each permit lets one of those who wait in."""
    seed, count, threads = new_input(rng), 6, 6
    log = play("semaphore", seed, schedules=count)
    for number, (switches, game) in enumerate(schedules(seed, count)):
        how = log.round(number, switches)
        places, first = 1 + game % 3, 2 + game % 3
        check(
            f"{how}: how many threads were inside at once, with {places} places",
            seen=log.take("how many were inside"),
            expected=places,
            why="more: down() takes one only while the count is positive, looked at with the lock held; "
            "fewer: an up() has woken nobody",
        )
        check(
            f"{how}: how many of {threads} that waited came through after {first} calls of up()",
            seen=log.take("how many came through"),
            expected=first,
            why="every up() must wake one: that the count was not 0 does not mean that nobody "
            "waits, as the one woken before may not have run yet",
        )
        seen = log.take("how many came through in the end")
        check(f"{how}: how many came through in the end", seen=seen, expected=threads, why=STUCK)


def check_library(events: list[int], how: str, writes: dict[int, list[int]]) -> None:
    """Replays a library's events: who is inside, and what readers see."""
    inside: Counter[str] = Counter()
    values, at = {0}, 0
    written: dict[int, list[int]] = {who: [] for who in writes}
    while at < len(events):
        kind, who = events[at] >> 8, events[at] & 0xFF
        at += 1
        if kind == 1:
            inside["readers"] += 1
        elif kind == 3:
            inside["writers"] += 1
        if inside["writers"] > 1 or inside["writers"] and inside["readers"]:
            fail(f"{how}: {dict(inside)} were inside at once", "wait() returns with the mutex held")
        # The words that a thread notes inside stand before the one with which it leaves.
        words = []
        while at < len(events) and events[at] > 0xFFFF or at < len(events) and events[at] == 0:
            words.append(events[at])
            at += 1
        if kind == 3:
            check(f"{how}: a writer's words", seen=len(words), expected=1)
            written[who] += words
            values |= set(words)
        elif any(word not in values for word in words):
            fail(f"{how}: a reader saw {words}, which nobody has written")
        if kind == 2:
            inside["readers"] -= 1
        elif kind == 4:
            inside["writers"] -= 1
    check(f"{how}: what was written", seen=written, expected=writes)


@pytest.mark.points(4, exercise=6)
def test_readers_and_writers(play: Play, rng: random.Random) -> None:
    """A readers-writers lock made of a mutex and two condition variables keeps its promise."""
    seed, count, readers, writers, rounds = new_input(rng), 6, 4, 2, 12
    log = play("library", seed, schedules=count)
    for number, (switches, game) in enumerate(schedules(seed, count)):
        how = log.round(number, switches)
        events = log.until(lambda word: 0x500 <= word <= 0x5FF)
        done = log.take("how many are done") - 0x500
        log.all_done(how, seen=done, expected=readers + writers)
        writes: dict[int, list[int]] = {}
        for who in range(readers, readers + writers):
            numbers, writes[who] = Numbers(game + who), []
            for _ in range(rounds):
                writes[who].append(numbers.next())
                numbers.below(3)
        check_library(events, how, writes)


@pytest.mark.points(3, exercise=6)
def test_signal_wakes_one_and_broadcast_all(play: Play, rng: random.Random) -> None:
    """signal() wakes the one that has waited longest, broadcast() all the others."""
    signals = rng.randint(1, 4)
    log = play("signals", new_input(rng), signals=signals)
    check("how many wait", seen=log.take("how many wait") - 0x100, expected=6)
    for number in range(signals):
        seen = log.until(lambda word: word >= 0x200)
        log.take("the end of a step")
        why = "signal() wakes one; wait() returns with the mutex held (0x66: it was not)"
        check(f"who came back after signal {number}", seen=seen, expected=[number], why=why)
    seen = log.until(lambda word: word == 0x300)
    expected = list(range(signals, 6))
    check("who came back after the broadcast", seen=seen, expected=expected, why="wake all")
