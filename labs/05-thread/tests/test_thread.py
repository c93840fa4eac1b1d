"""Lab 5: threads, scheduler, locks.

Each test boots a kernel with one of the probes of labs/05-thread/kernel and a random input. The
probe plays a scenario that follows from the input and writes what happened into memory; the host
reads it there and compares it with what it has worked out by itself. All is on one hart.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable

import pytest
from thread_model import MASK, Numbers, new_input, read_log, schedules

from grading.machine import Machine
from grading.qemu import PANICKED
from grading.symbols import Symbols
from labs.grade import check, fail

Start = Callable[..., Machine]
IDLE = "Scheduler::idle_loop"
EXACT = "shift=0"  # one instruction is one nanosecond: no slice ends by chance
STUCK = (
    "a thread sleeps for ever. Often a wake-up came between the look at the predicate and the place "
    "in the queue, or went to a thread that could not use it"
)


class Log:
    """A probe's log, taken word by word."""

    def __init__(self, words: list[int]) -> None:
        self.words, self.at = words, 0

    def take(self, what: str) -> int:
        if self.at == len(self.words):
            fail(f"the probe's log ends where {what} should stand", "the kernel went another way")
        self.at += 1
        return self.words[self.at - 1]

    def until(self, stop: Callable[[int], bool]) -> list[int]:
        """The words before the next one for which `stop` holds, or to the end."""
        begin = self.at
        while self.at < len(self.words) and not stop(self.words[self.at]):
            self.at += 1
        return self.words[begin : self.at]


@pytest.fixture
def play(start: Start, symbols: Symbols) -> Callable[..., Log]:
    """play(probe, seed, option=value …) runs a probe on one hart and returns its log."""

    def run(probe: str, seed: int, icount: str = "", timeout: float = 10, **inputs: object) -> Log:
        words = [f"{name}={value}" for name, value in inputs.items()]
        append = f"ktest=threadlab_{probe} seed_input={seed} {' '.join(words)}"
        return Log(read_log(start(append=append, icount=icount), symbols, timeout))

    return run


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
def test_threads_wait_in_line(play: Callable[..., Log], rng: random.Random) -> None:
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


@pytest.mark.points(8, exercise=2)
def test_switch_keeps_what_a_call_keeps(play: Callable[..., Log], rng: random.Random) -> None:
    """Registers s0 to s11 and sp of every thread survive 100,000 switches."""
    seed, threads = new_input(rng), rng.randint(3, 7)
    rounds = 100_000 // threads
    log = play("switch", seed, threads=threads, rounds=rounds)
    check(
        f"how many of {threads} threads came to the end of {rounds} calls of yield()",
        seen=log.take("the number of threads that are done"),
        expected=threads,
        why="a thread that left was not continued: does ra come back, and is it the place to go on?",
    )
    check("how often sp had changed over a yield()", seen=log.take("sp"), expected=0)
    numbers = Numbers(seed)
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
def test_new_thread_begins_right(play: Callable[..., Log], rng: random.Random) -> None:
    """A new thread runs its function with its argument, on its own stack below its user frame."""
    seed = new_input(rng)
    log = play("create", seed, icount=EXACT)
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
        check(f"the argument of thread {index}", seen=argument, expected=arguments[index])
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


# --- exercise 3 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=3)
def test_no_value_is_lost(play: Callable[..., Log], rng: random.Random) -> None:
    """What producers put into a small ring comes out once each, in each producer's order."""
    seed, count, pairs, each = new_input(rng), 8, 3, 40
    log = play("ring", seed, schedules=count)
    for switches, game in schedules(seed, count):
        how = f"with switches at random places (seed {switches})" if switches else "undisturbed"
        check("the seed of the next round", seen=log.take("a seed"), expected=switches)
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
        check(f"{how}: threads that are done, of {2 * pairs}", seen=done, expected=6, why=STUCK)
        for producer, row in enumerate(made):
            seen = [value for value in taken if value & 0xFF == producer]
            check(f"{how}: what producer {producer} made, as it was taken", seen=seen, expected=row)
        waiting = log.take("how many still wait")
        check(f"{how}: how many still stand in the queues", seen=waiting, expected=0)


@pytest.mark.points(3, exercise=3)
def test_hart_rests_while_all_wait(
    start: Start, symbols: Symbols, rng: random.Random
) -> None:
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
    log = Log(read_log(machine, symbols))
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
        words = [1] if kind == 3 else []
        served = {0: 1, 1: permits, 2: 0, 3: 1}[kind]
        first = [queue.popleft() for _ in range(served)]
        if kind == 2:
            queue.rotate(-1)  # it looked, and stands at the end again
        # Under wake_all() the others stand at the end again in their order; then come the served.
        queue.extend(first)
        result.append([*words, *first, mark, threads])
    return result


@pytest.mark.points(4, exercise=3)
def test_wake_finds_the_right_ones(play: Callable[..., Log], rng: random.Random) -> None:
    """wake_one() wakes who has waited longest, wake_all() all, and observers take nothing away."""
    seed, threads, steps = new_input(rng), rng.randint(4, 8), 60
    log = play("wake", seed, icount=EXACT, threads=threads, steps=steps)
    kinds = Numbers(seed)
    for step, expected in enumerate(expected_wakes(seed, threads, steps)):
        kind = kinds.below(4)
        kinds.below(threads - 1)
        what = ("one permit, wake_one()", "some permits, wake_all()", "wake_one() for nothing",
                "one permit, wake_one(), with a WaitSet looking on")[kind]
        seen = log.until(lambda word: word == 1000)
        seen += [log.take("the end of a step"), log.take("how many wait")]
        check(
            f"step {step} ({what}): {'whether the set heard it, ' if kind == 3 else ''}who passed, "
            "a mark, and how many wait then",
            seen=seen,
            expected=expected,
            why="a place in the queue is given up by the waker and in the order of coming; an "
            "observer is told and stays, and wake_one() goes on to the next real waiter",
        )


@pytest.mark.points(3, exercise=3)
def test_giving_up_looks_once_more(play: Callable[..., Log], rng: random.Random) -> None:
    """A wait with a deadline ends by wake-up, time-out or interruption, and errors only in vain."""
    seed, cases = new_input(rng), 24
    log = play("deadline", seed, icount=EXACT, cases=cases)
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
        check(f"{what}: how many still wait", seen=log.take("the queue"), expected=0)


# --- exercise 4 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=4)
def test_threads_end_and_leave_nothing(play: Callable[..., Log], rng: random.Random) -> None:
    """join() returns when the thread has done its work, and then all that it had is free again."""
    seed, crowds, crowd = new_input(rng), 15, 20
    log = play("end", seed, crowds=crowds)
    numbers = Numbers(seed)
    free, threads = 0, 0
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
        if number == 0:
            free, threads = seen
        check(
            f"how many frames are free after crowd {number}",
            seen=seen[0],
            expected=free,
            why="who runs next gives the stack of the finished thread back, by bury()",
        )
        check(
            f"how many threads there are after crowd {number}",
            seen=seen[1],
            expected=threads,
            why="a started thread holds a reference to itself, which must go at its end",
        )
    check("the scenario came to its end", seen=log.take("the end"), expected=1)


def run_case(
    start: Start, symbols: Symbols, probe: str, seed: int, bad: bool, what: str, **inputs: str
) -> int | None:
    """The probe's answer, or nothing where the kernel panicked; a panic must be where `bad` says."""
    words = [f"{name}={value}" for name, value in inputs.items()]
    machine = start(append=f"ktest=threadlab_{probe} seed_input={seed} {' '.join(words)}", failures=())
    end = machine.expect(r"^probe: done|panic: .*\n").text
    if "panic" not in end:
        if bad:
            fail(f"{what}: the kernel went on", "this can never be right: panic, and name the thread")
        return read_answer(machine, symbols)
    status = machine.wait_exit()
    if not bad:
        fail(f"{what}: the kernel panicked, though this is allowed\n{machine.console.excerpt(12)}")
    if "yours to write" in end:
        fail(f"{what}: {end.strip()}")
    check(f"{what}: the machine's exit status", seen=status, expected=PANICKED)
    return None


def read_answer(machine: Machine, symbols: Symbols) -> int:
    from thread_model import LINEAR_BASE

    machine.stop()
    at = symbols.address("thread_log") - LINEAR_BASE
    return int.from_bytes(machine.read_memory(at, 8), "little")


@pytest.mark.points(2, exercise=4)
def test_joining_oneself_panics(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """A thread that joins itself would wait for ever: panic. Joining another one is fine."""
    cases = ["self", "other", rng.choice(["self", "other"])]
    rng.shuffle(cases)
    for case in cases:
        seed = new_input(rng)
        bad, what = case == "self", f"a thread joins {'itself' if case == 'self' else 'another'}"
        answer = run_case(start, symbols, "join", seed, bad, what, case=case)
        if not bad:
            numbers = Numbers(seed)
            numbers.below(20)
            check(f"{what}: the other's result", seen=answer, expected=numbers.next())


# --- exercise 5 -----------------------------------------------------------------------------------


@pytest.mark.points(6, exercise=5)
def test_mutex_excludes(play: Callable[..., Log], rng: random.Random) -> None:
    """Whatever the order of switches, one thread at a time is between lock() and unlock()."""
    seed, count, threads, rounds = new_input(rng), 8, 5, 40
    log = play("mutex", seed, schedules=count)
    for switches, game in schedules(seed, count):
        how = f"with switches at random places (seed {switches})" if switches else "undisturbed"
        check("the seed of the next round", seen=log.take("a seed"), expected=switches)
        total = 0
        for thread in range(threads):
            numbers = Numbers(game + thread)
            for _ in range(rounds):
                total += numbers.next()
                numbers.below(4)
        check(
            f"{how}: threads that came to the end, of {threads}",
            seen=log.take("how many are done"),
            expected=threads,
            why="who found the mutex taken must be woken by the unlock(): mark the word before "
            "you sleep, and look again whether it is still taken",
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
def test_mutex_is_handed_over(play: Callable[..., Log], rng: random.Random) -> None:
    """A thread that takes the mutex again at once cannot keep the others out."""
    log = play("fair", new_input(rng), icount=EXACT)
    why = "who was overtaken must come before those who have not waited: kHandOver"
    served, worst = log.take("how often others had it"), log.take("the longest wait")
    if worst > 8:
        fail(f"a greedy thread had the mutex {worst} times while another one waited", why)
    check("how often the others got the mutex", seen=served, expected=60, why=why)


@pytest.mark.points(3, exercise=5)
def test_mutex_notices_misuse(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """Unlocking another's mutex, locking twice, and locking with a spinlock held: panic."""
    texts = {
        "foreign": ("a thread unlocks a mutex that another one holds", "… that it does not touch"),
        "twice": ("a thread locks a mutex twice", "a thread locks, unlocks and locks again"),
        "spinlock": ("a thread locks a mutex with a spinlock held", "… after it released that"),
    }
    cases = [(case, how) for case in texts for how in ("badly", "well")]
    rng.shuffle(cases)
    for case, how in cases:
        seed, bad = new_input(rng), how == "badly"
        what = texts[case][0 if bad else 1]
        inputs = {"case": case, "how": how}
        answer = run_case(start, symbols, "misuse", seed, bad, what, **inputs)
        if not bad:
            check(f"{what}: the answer", seen=answer, expected=Numbers(seed).next())


# --- exercise 6 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=6)
def test_semaphore_counts(play: Callable[..., Log], rng: random.Random) -> None:
    """No more threads pass than there are permits, and each permit lets one of those who wait in."""
    seed, count, threads = new_input(rng), 6, 6
    log = play("semaphore", seed, schedules=count)
    for switches, game in schedules(seed, count):
        how = f"with switches at random places (seed {switches})" if switches else "undisturbed"
        check("the seed of the next round", seen=log.take("a seed"), expected=switches)
        places, first = 1 + game % 3, 2 + game % 3
        check(
            f"{how}: how many threads were inside at once, with {places} places",
            seen=log.take("how many were inside"),
            expected=places,
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
def test_readers_and_writers(play: Callable[..., Log], rng: random.Random) -> None:
    """A readers-writers lock made of a mutex and two condition variables keeps its promise."""
    seed, count, readers, writers, rounds = new_input(rng), 6, 4, 2, 12
    log = play("library", seed, schedules=count)
    for switches, game in schedules(seed, count):
        how = f"with switches at random places (seed {switches})" if switches else "undisturbed"
        check("the seed of the next round", seen=log.take("a seed"), expected=switches)
        events = log.until(lambda word: 0x500 <= word <= 0x5FF)
        done = log.take("how many are done") - 0x500
        check(f"{how}: threads that came to the end", seen=done, expected=6, why=STUCK)
        writes: dict[int, list[int]] = {}
        for who in range(readers, readers + writers):
            numbers, writes[who] = Numbers(game + who), []
            for _ in range(rounds):
                writes[who].append(numbers.next())
                numbers.below(3)
        check_library(events, how, writes)


@pytest.mark.points(3, exercise=6)
def test_signal_wakes_one_and_broadcast_all(
    play: Callable[..., Log], rng: random.Random
) -> None:
    """signal() wakes the one that has waited longest, broadcast() all the others."""
    signals = rng.randint(1, 4)
    log = play("signals", new_input(rng), icount=EXACT, signals=signals)
    check("how many wait", seen=log.take("how many wait") - 0x100, expected=6)
    for number in range(signals):
        seen = log.until(lambda word: word >= 0x200)
        log.take("the end of a step")
        why = "signal() wakes one; wait() returns with the mutex held (0x66: it was not)"
        check(f"who came back after signal {number}", seen=seen, expected=[number], why=why)
    seen = log.until(lambda word: word == 0x300)
    expected = list(range(signals, 6))
    check("who came back after the broadcast", seen=seen, expected=expected, why="wake all")


# --- exercise 7 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=7)
def test_shares_follow_the_weights(play: Callable[..., Log], rng: random.Random) -> None:
    """Round robin gives equal time, stride scheduling time in proportion to the weights."""
    for policy, late in (("", 0), ("stride", 0), ("stride", 1)):
        seed, count, half = new_input(rng), rng.randint(3, 5), 1500
        log = play(
            "shares", seed, icount="shift=7", timeout=20,
            policy=policy or "roundrobin", threads=count, milliseconds=half, late=late,
        )
        numbers = Numbers(seed)
        weights = [256 << numbers.below(4) for _ in range(count)]
        middle = [log.take("a count") for _ in range(count)]
        end = [log.take("a count") for _ in range(count)]
        for part, counts in (("first", middle), ("second", [e - m for e, m in zip(end, middle)])):
            shares = weights if policy else [1] * count
            if late and part == "first":
                shares = [0, *shares[1:]]
            total, whole = sum(counts), sum(shares)
            for index, (seen, share) in enumerate(zip(counts, shares)):
                seen_percent, percent = 100 * seen / max(total, 1), 100 * share / whole
                if abs(seen_percent - percent) > 4:
                    fail(
                        f"{policy or 'round robin'}, weights {weights}, {part} half"
                        f"{', thread 0 asleep in the first' if late else ''}: thread {index} had "
                        f"{seen_percent:.1f} % of the time, expected {percent:.1f} %",
                        "the lowest pass runs next; pass grows by time / weight; who comes back "
                        "from a sleep starts where the others are now",
                    )
