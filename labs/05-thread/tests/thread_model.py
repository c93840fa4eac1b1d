"""What the host needs to foretell the probes of labs/05-thread/kernel: their random numbers, and
the log that they leave in the machine's memory; and where threads stand that do not go on."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable

from grading.confine import the_jail
from grading.errors import GuestTimeout
from grading.machine import Machine
from grading.qemu import PANICKED
from grading.symbols import Symbols
from grading.timing import scaled
from labs.grade import BUILD, ROOT, check, fail
from labs.probe import log_words

MASK = (1 << 64) - 1
EXACT = "shift=0"  # one instruction is one nanosecond: all happens again the same way
# In the list of threads: players whose work is done (thread_probe.h), idle threads, gdb's farewell.
NOT_SHOWN = (" done ", " idle/", "[Inferior ")
STUCK = (
    "a thread sleeps for ever. Often a wake-up came between the look at the predicate and the place "
    "in the queue, or went to a thread that could not use it"
)


class Numbers:
    """kernel/base/random.h: the same numbers from the same seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK or 0x9E3779B97F4A7C15

    def next(self) -> int:
        state = self._state
        state ^= state >> 12
        state ^= state << 25 & MASK
        state ^= state >> 27
        self._state = state
        return state * 0x2545F4914F6CDD1D & MASK

    def below(self, bound: int) -> int:
        return self.next() % bound


def new_input(rng: random.Random) -> int:
    """A number for seed_input=."""
    return rng.getrandbits(40) + 1


def schedules(seed: int, count: int) -> list[tuple[int, int]]:
    """with_schedules() of thread_probe.h: (seed of the switches, seed of the game) of each round."""
    numbers = Numbers(seed)
    rounds = []
    for number in range(count):
        switches = 0 if number == 0 else 1 + numbers.below(1_000_000)
        rounds.append((switches, numbers.next()))
    return rounds


class Log:
    """A probe's log, taken word by word, and the machine, which stands still."""

    def __init__(self, machine: Machine, words: list[int]) -> None:
        self.machine, self.words, self.at = machine, words, 0

    def take(self, what: str) -> int:
        if self.at == len(self.words):
            fail(
                f"the probe ended before it could note {what}{threads_of(self.machine)}",
                "something that it waited for never came",
            )
        self.at += 1
        return self.words[self.at - 1]

    def until(self, stop: Callable[[int], bool]) -> list[int]:
        """The words before the next one for which `stop` holds, or to the end."""
        begin = self.at
        while self.at < len(self.words) and not stop(self.words[self.at]):
            self.at += 1
        return self.words[begin : self.at]

    def round(self, number: int, switches: int) -> str:
        """Takes the seed of with_schedules() and says how its round is played."""
        check("the seed of the next round", seen=self.take("a seed"), expected=switches)
        where = "where locks are released" if number % 2 else "wherever the timer comes"
        return f"with switches {where} (seed {switches})" if switches else "undisturbed"

    def all_done(
        self,
        how: str,
        *,
        seen: int,
        expected: int,
        why: str = STUCK,
        what: str = "threads that ended",
    ) -> None:
        """Fails unless all is done; says where the threads stand that have not come to their end."""
        if seen != expected:
            fail(f"{how}: {what}: {seen} of {expected}{threads_of(self.machine)}", why)


def threads_of(machine: Machine) -> str:
    """For messages: every thread that is not idle or done, and where it stands, by gdb.

    Nothing where student code has a jail: gdb would read it outside.
    """
    if the_jail():
        return ""
    socket = machine.folder / "threads.sock"
    machine.monitor.human(f"gdbserver unix:{socket},server=on,wait=off")
    commands = ["set confirm off", f"add-symbol-file {BUILD / 'goose.elf'}"]
    commands += ["source tools/gdb/goose.py", f"target remote {socket}", "goose-threads"]
    words = [word for command in commands for word in ("-ex", command)]
    gdb = ["gdb-multiarch", "-q", "-nx", "-batch", str(BUILD / "kernel.elf"), *words]
    try:
        done = subprocess.run(gdb, cwd=ROOT, capture_output=True, text=True, timeout=scaled(10))
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.splitlines()
    begin = next(
        (n for n, line in enumerate(lines) if line.split()[:2] == ["id", "pid"]), len(lines)
    )
    shown = [line for line in lines[begin:] if not any(word in line for word in NOT_SHOWN)]
    return "".join(f"\n    {line}" for line in shown[:20])


def read_log(machine: Machine, symbols: Symbols, timeout: float = 10) -> Log:
    """Waits for the probe to complete its log, and reads it."""
    try:
        machine.expect(r"^probe: done", timeout)
    except GuestTimeout as error:
        place = symbols.name(machine.registers()["pc"])
        threads = threads_of(machine)
        raise GuestTimeout(
            f"the probe has not come to its end; the hart is in {place}{threads}\n{error}"
        ) from None
    return log_of(machine, symbols)


def log_of(machine: Machine, symbols: Symbols) -> Log:
    """The log of a probe that has come to its end."""
    machine.stop()
    return Log(machine, log_words(machine, symbols, "thread_log"))


def run_case(
    start: Callable[..., Machine],
    symbols: Symbols,
    probe: str,
    seed: int,
    what: str,
    *,
    names: tuple[str, ...],
    why: str = "this can never be right: panic",
    **inputs: str,
) -> Log | None:
    """The probe's log, or nothing where the kernel panicked: where it has to, with `names`."""
    words = [f"{name}={value}" for name, value in inputs.items()]
    append = f"ktest=threadlab_{probe} seed_input={seed} {' '.join(words)}"
    machine = start(append=append, icount=EXACT, failures=())
    end = machine.expect(r"^probe: done|panic: .*\n").text
    if "panic" not in end:
        if names:
            fail(f"{what}: the kernel went on", why)
        return log_of(machine, symbols)
    status = machine.wait_exit()
    if not names:
        fail(f"{what}: the kernel panicked, though this is allowed\n{machine.console.excerpt(12)}")
    if "yours to write" in end:
        fail(f"{what}: {end.strip()}")
    check(f"{what}: the machine's exit status", seen=status, expected=PANICKED)
    for name in names:
        if f"'{name}'" not in end:
            fail(
                f"{what}: the panic does not name '{name}'\n  it says: {end.strip()}",
                "whoever reads it wants to know which mutex it is, and which thread",
            )
    return None
