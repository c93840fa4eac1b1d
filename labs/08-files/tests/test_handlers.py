"""Lab 8, exercise 3: handlers. The host stops the machine at a handler's first instruction, reads
registers and frame, spoils the registers, and compares what has come back."""

from __future__ import annotations

import random
import struct

import pytest
from files_host import (
    SIGHUP, SIGILL, SIGIO, SIGKILL, SIGSEGV, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
    UNBLOCKABLE, Launcher, bit, compare,
)  # fmt: skip

from grading.errors import GuestTimeout, HostError
from grading.gdb import ABI_NAMES
from grading.machine import Machine
from grading.symbols import Symbols
from labs.foretold import MASK, Numbers, new_input
from labs.grade import check, fail

GENERAL = [name for name in ABI_NAMES if name not in ("zero", "sp", "pc")]
USER_END = 1 << 38
SPP = 1 << 8
TRAMPOLINE = USER_END - 4096  # kTrampolineAddress
# struct rt_sigframe (kernel/abi/signal.h): siginfo, then ucontext, whose registers are at 176.
FRAME_SIZE, UCONTEXT, SIGMASK, REGISTERS, FLOATS = 1088, 128, 128 + 40, 128 + 176, 128 + 176 + 256


def announced(machine: Machine, pattern: str) -> list[int]:
    """Lets the machine run until the program has said where what is."""
    machine.gdb.resume()
    found = machine.expect(pattern)
    machine.gdb.interrupt()
    while machine.gdb.read_register("pc") >= USER_END:  # in the kernel, perhaps for somebody else
        machine.gdb.resume()
        machine.gdb.interrupt()
    return [int(group, 16) for group in found.groups]


def run_to(machine: Machine, address: int, what: str, why: str) -> None:
    """Runs until the program comes to `address`, or fails."""
    try:
        machine.gdb.run_to(address, 3)
    except GuestTimeout:
        fail(f"the program does not come to {what}", why)


def float_registers(machine: Machine) -> list[int]:
    names = [*(f"ft{n}" for n in range(8)), "fs0", "fs1", *(f"fa{n}" for n in range(8)),
             *(f"fs{n}" for n in range(2, 12)), *(f"ft{n}" for n in range(8, 12))]  # fmt: skip
    return [machine.gdb.read_register(name) for name in names]


@pytest.mark.points(6, exercise=3)
@pytest.mark.parametrize("alternate", [0, 1], ids=["stack", "alternate"])
def test_a_handler_changes_nothing(launch: Launcher, rng: random.Random, alternate: int) -> None:
    """A handler starts with its arguments and a whole frame; after it no register has changed."""
    seed = new_input(rng)
    machine = launch.first("frames", seed, alternate, gdb=True)
    spin, handler, go, child, blocked, stack = announced(
        machine, r"spin (\w+) handler (\w+) go (\w+) child (\d+) blocked (\w+) stack (\w+)\n"
    )
    child = int(f"{child:x}")  # it was printed in decimal
    numbers = Numbers(seed)
    floats = [numbers.next() for _ in range(32)]
    gdb = machine.gdb
    for turn in range(2):
        run_to(machine, spin, "its loop again", "the handler returns to the trampoline, and "
               "rt_sigreturn to where the program was")  # fmt: skip
        before = {name: rng.getrandbits(64) for name in GENERAL}
        if turn == 0:
            first_sp = gdb.read_register("sp")
        before["sp"] = first_sp - 8 * (2 * rng.randrange(20) + turn)  # once a multiple of 16, once not
        for name, value in before.items():
            gdb.write_register(name, value)
        gdb.write(go, struct.pack("<Q", 1))
        run_to(machine, handler, "the handler", "sepc is the handler's address")
        seen = gdb.registers()
        sp = seen["sp"]
        check_arguments(seen, before["sp"], stack)
        frame = read_frame(machine, sp)
        number, _, code, _, pid = struct.unpack_from("<5i", frame)
        check("siginfo: number, code (SI_USER: 0) and sender", seen=(number, code, pid),
              expected=(SIGUSR1, 0, child))  # fmt: skip
        check("uc_sigmask, which is to be blocked again after the handler",
              seen=struct.unpack_from("<Q", frame, SIGMASK)[0], expected=blocked)  # fmt: skip
        saved = struct.unpack_from("<32Q", frame, REGISTERS)
        check("the program counter in the frame", seen=saved[0] in (spin, spin + 4), expected=True)
        for index in range(1, 32):
            name = ABI_NAMES[index]
            check(f"x{index} ({name}) in the frame", seen=saved[index], expected=before[name],
                  why="save_context() fills the frame before anything is changed")  # fmt: skip
        for index, value in enumerate(struct.unpack_from("<32Q", frame, FLOATS)):
            check(f"f{index} in the frame", seen=value, expected=floats[index])
        for name in GENERAL:  # what a handler may do to them
            if name != "ra":
                gdb.write_register(name, rng.getrandbits(64))
        run_to(machine, spin, "its loop again", "the handler returns to the trampoline, and "
               "rt_sigreturn to where the program was")  # fmt: skip
        after = gdb.registers()
        for name, value in before.items():
            check(f"{name} after the handler", seen=after[name], expected=value,
                  why="rt_sigreturn takes x1 to x31 back; its own result must not replace a0")  # fmt: skip
        for index, value in enumerate(float_registers(machine)):
            check(f"f{index} after the handler", seen=value, expected=floats[index],
                  why="the thread's copy must also be loaded into the hart (load_fp)")  # fmt: skip


def read_frame(machine: Machine, sp: int) -> bytes:
    try:
        return machine.gdb.read(sp, FRAME_SIZE)
    except HostError:
        fail(f"no memory is at sp ({sp:#x}) at the handler's entry", "copy_out() puts it there")
        raise AssertionError from None


def check_arguments(seen: dict[str, int], before_sp: int, stack: int) -> None:
    """The registers at a handler's entry."""
    sp = seen["sp"]
    check("sp modulo 16 at the handler's entry", seen=sp % 16, expected=0)
    if stack:
        inside = stack <= sp <= stack + 8 * 4096 - FRAME_SIZE
        check("the handler runs on the alternate stack", seen=inside, expected=True,
              why="handler_stack() says where the frame goes")  # fmt: skip
    else:
        below = before_sp - FRAME_SIZE - 16 < sp <= before_sp - FRAME_SIZE
        check("the frame lies right below the old sp", seen=below, expected=True)
    check("a0: the signal's number", seen=seen["a0"], expected=SIGUSR1)
    check("a1: the siginfo in the frame", seen=seen["a1"], expected=sp)
    check("a2: the ucontext in the frame", seen=seen["a2"], expected=sp + UCONTEXT)
    check("ra", seen=seen["ra"], expected=TRAMPOLINE,
          why="a handler returns to the kernel's trampoline, which calls rt_sigreturn")  # fmt: skip


@pytest.mark.points(4, exercise=3)
def test_a_forged_frame_gains_nothing(
    launch: Launcher, symbols: Symbols, rng: random.Random
) -> None:
    """A program that makes up its signal frame gets the registers it wants, and nothing else."""
    seed = new_input(rng)
    machine = launch.first("forger", seed, gdb=True)
    forge, landing, go, leave = announced(
        machine, r"forge (\w+) landing (\w+) go (\w+) leave (\w+)\n"
    )
    numbers, gdb = Numbers(seed), machine.gdb
    words = [numbers.next() | SPP for _ in range(FRAME_SIZE // 8)]
    gdb.write(go, struct.pack("<Q", 1))
    run_to(machine, forge, "its forged return", "it waits for nothing but the host")
    gdb.set_breakpoint(symbols.address("return_to_user"))
    gdb.resume_until_stop(5)
    status = gdb.read_u64(gdb.read_register("a0") + 32 * 8)
    gdb.clear_breakpoint(symbols.address("return_to_user"))
    check("sstatus.SPP of the frame that the program goes back by, which would make it the kernel",
          seen=status & SPP, expected=0,
          why="only x1 to x31, the program counter and floating-point registers come from it")  # fmt: skip
    run_to(machine, landing, "where its frame leads", "the program counter is gregs[REG_PC]")
    seen = gdb.registers()
    for index in range(1, 32):
        check(f"x{index} after a forged frame", seen=seen[ABI_NAMES[index]],
              expected=words[REGISTERS // 8 + index])  # fmt: skip
    check("the mode of the hart (0: user)", seen=gdb.read_register("priv"), expected=0)
    gdb.write(leave, struct.pack("<Q", 1))
    gdb.detach()
    check_forgers(machine, numbers)


def check_forgers(machine: Machine, numbers: Numbers) -> None:
    """How the children of user/forger.c ended."""
    what = ["reads sstatus", "goes on in the kernel", "has it in the kernel's memory",
            "has it where nothing is mapped", "has half of it where nothing is mapped",
            "blocks SIGKILL", "blocks SIGSTOP"]  # fmt: skip
    end = [SIGILL, SIGSEGV, SIGSEGV, SIGSEGV, SIGSEGV, SIGKILL, SIGSTOP << 8 | 0x7F]
    lines = machine.expect(r"^end\n").before.splitlines()
    for index in range(10):
        how = numbers.below(7)
        for _ in range(FRAME_SIZE // 8):
            numbers.next()
        check(f"the wait status of child {index}, whose forged frame {what[how]}",
              seen=lines[index] if index < len(lines) else None,
              expected=f"forged {index} {end[how]}",
              why="a frame that cannot be read is SIGSEGV; nobody can block SIGKILL and SIGSTOP")  # fmt: skip


class Nest:
    """The signals of user/nesting.c: five signals with masks and what their handlers raise."""

    SIGNALS = [SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGIO]

    def __init__(self, numbers: Numbers) -> None:
        self.masks, self.raises, self.no_defer = {}, {}, {}
        for signal in self.SIGNALS:
            self.masks[signal] = numbers.next() & numbers.next() & ~UNBLOCKABLE & MASK
            self.no_defer[signal] = numbers.below(3) == 0
            self.raises[signal] = [
                numbers.next() & numbers.next() & numbers.next() & 31 for _ in range(16)
            ]
        self.calls = dict.fromkeys(self.SIGNALS, 0)
        self.blocked, self.pending = 0, 0
        self.events: list[str] = []
        # Handlers that have been given a frame, each with the mask to come back to.
        self.frames: list[list[int]] = []

    def note(self, what: str, signal: int) -> None:
        self.events.append(f"{what} {signal} {self.blocked:x}")

    def deliver(self) -> None:
        """Each signal that is ready gets a frame; the last of them runs first."""
        depth = len(self.frames)
        while ready := self.pending & ~self.blocked:
            signal = (ready & -ready).bit_length()
            self.pending &= ~bit(signal)
            self.frames.append([signal, self.blocked])
            self.blocked |= self.masks[signal] | (0 if self.no_defer[signal] else bit(signal))
        while len(self.frames) > depth:
            self.run(self.frames[-1])
            _, mask = self.frames.pop()
            self.blocked = mask & ~UNBLOCKABLE
            self.deliver()

    def run(self, frame: list[int]) -> None:
        signal = frame[0]
        self.note("begin", signal)
        call = self.calls[signal]
        self.calls[signal] += 1
        if call < 16:
            self.raise_all(self.raises[signal][call])
        self.note("end", signal)
        if call % 4 == 3:
            frame[1] ^= bit(SIGWINCH)

    def raise_all(self, chosen: int) -> None:
        for index in reversed(range(5)):
            if chosen >> index & 1:
                self.pending |= bit(self.SIGNALS[index])
                self.deliver()


@pytest.mark.points(4, exercise=3)
def test_handlers_nest_as_their_masks_say(launch: Launcher, rng: random.Random) -> None:
    """Handlers interrupt each other where no mask forbids it, and each leaves the mask it found."""
    seed, rounds = new_input(rng), rng.randint(5, 8)
    seen = launch.lines("nesting", seed, rounds, end="end of events")
    numbers = Numbers(seed)
    nest = Nest(numbers)
    ours = sum(bit(signal) for signal in nest.SIGNALS)
    for _ in range(rounds):
        blocked, chosen = numbers.next() & numbers.next() & ours, numbers.next() & 31
        nest.blocked = ours
        nest.raise_all(chosen)
        nest.note("mask", 0)
        nest.blocked = blocked
        nest.deliver()
        nest.note("mask", 1)
    compare(
        seen,
        [*nest.events[:400], "end of events"],
        lambda i: f"event {i}: which handler begins or ends, and the mask then",
        "rt_sigreturn sets the mask that stands in the frame, which the handler may have changed, "
        "and what is ready then comes at once",
    )


def expected_interrupted(numbers: Numbers, count: int) -> list[tuple[str, str]]:
    """The lines of user/interrupted.c, each with what it is about."""
    lines = []
    calls = ["wait4", "nanosleep", "rt_sigsuspend"]
    hows = ["a handler with SA_RESTART", "a handler without SA_RESTART", "an ignored signal",
            "a signal that does nothing by default", "a blocked signal"]  # fmt: skip
    for index in range(count):
        call, how = numbers.below(3), numbers.below(5)
        how = how % 2 if call == 2 else how
        numbers.below(2)
        code = numbers.below(100)
        if call == 0:
            result = "child" if how != 1 else "EINTR"
        else:
            result = "EINTR" if how <= 1 else "slept"
        status = code << 8 if result == "child" else -1
        left = int(call == 1 and how <= 1)
        line = f"{index} {result} {status} handled {int(how <= 1)} left {left}"
        lines.append((line, f"{calls[call]}, and {hows[how]}"))
    return lines


@pytest.mark.points(3, exercise=3)
def test_signals_end_waits(launch: Launcher, rng: random.Random) -> None:
    """A signal ends a sleeping call, or has it started over, or lets it be, as its action says."""
    seed, count = new_input(rng), rng.randint(20, 26)
    lines = launch.lines("interrupted", seed, count)
    expected = expected_interrupted(Numbers(seed), count)
    compare(
        lines,
        [line for line, _ in expected],
        lambda i: f"call {i}, {expected[i][1]}: result, status, handler's calls, time left",
        "a sleeping process must be woken by what is ready for it (thread->interrupt()); sigaction "
        "keeps the flags",
    )
