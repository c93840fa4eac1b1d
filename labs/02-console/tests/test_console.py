"""Lab 2: the console, traps and the timer, seen from outside."""

from __future__ import annotations

import random
import re
import struct
import time

import pytest
from kernel_probe import FREE, GuestRandom, Probe, Start, X, check_registers, last_words

from grading.errors import GuestTimeout
from grading.machine import Machine
from grading.qemu import PANICKED, POWER_OFF
from grading.symbols import Symbols, plain
from labs.grade import check, fail

RING = 32 * 1024
FRAME_CSRS = 31 * 8
STEPS = {"a": "lab_red", "b": "lab_green", "c": "lab_blue", "d": "lab_grey"}


# Exercise 1: out.


@pytest.mark.points(7, exercise=1)
def test_output_loses_nothing(start: Start, rng: random.Random) -> None:
    """Every byte that the kernel sends arrives, of any value, also where the line is slow."""
    seed, size = rng.getrandbits(48) | 1, rng.randint(10000, 16000)
    guest = GuestRandom(seed)
    sent = bytes(guest.next() >> 32 & 0xFF for _ in range(size))
    machine = start(append=f"ktest=console_output_probe lab={seed:#x} size={size}", gdb=True)
    console = machine.console
    with console.hold() as waiting:  # the port stays busy once a page is full
        machine.gdb.detach()
        deadline = machine.deadline(3)
        while waiting() < 4000 and deadline.left():
            time.sleep(0.01)
        machine.let_run(0.3)
    try:
        machine.wait_exit(5)
    except GuestTimeout:
        fail(f"the kernel does not get its bytes out; {last_words(machine)}",
             "often: the wrong bit of the line status is waited for")  # fmt: skip
    seen = console.raw
    begin = seen.find(sent[:16])
    if begin < 0:
        fail(f"the first 16 of {size} random bytes are not in the output; {last_words(machine)}",
             "each byte goes into the data register as it is")  # fmt: skip
    seen = seen[begin : begin + size]
    at = next((i for i, (a, b) in enumerate(zip(seen, sent)) if a != b), min(len(seen), size))
    check(f"how many of {size} random bytes arrive in order", seen=at, expected=size,
          why="a byte may go into the data register only when the line status says that the "
          "holding register is empty; and each goes as it is, line feeds too")  # fmt: skip


# Exercise 2: the log.


def log_probe(start: Start, symbols: Symbols, seed: int, lines: int, size: int) -> None:
    guest = GuestRandom(seed)
    text = b"".join(b"%016x\n" % guest.next() for _ in range(lines))
    options = f"lab={seed:#x} lines={lines} size={size}"
    probe = Probe(start, symbols, "log", options)
    probe.run_to("lab_begin")
    ring = symbols.address("log_ring")
    before = probe.gdb.read_u64(ring + RING)
    probe.run_to("lab_done")
    what = f"after {before} characters and {lines} lines of 17"
    written = probe.gdb.read_u64(ring + RING)
    check(f"written_ {what}", seen=written, expected=before + len(text),
          why="it counts all characters ever put, and only grows")  # fmt: skip
    memory = probe.machine.read_memory(ring & 0xFFFFFFFF, RING)
    last = text[-RING:]
    seen = bytes(memory[(written - len(last) + i) % RING] for i in range(len(last)))
    at = next((i for i, (a, b) in enumerate(zip(seen, last)) if a != b), None)
    check(f"text_ {what}: the first wrong one of the last {len(last)} characters", seen=at,
          expected=None, why="character n belongs at n % kSize, over the oldest one")  # fmt: skip
    check(f"size() {what}", seen=probe.number("lab_log_size"), expected=min(written, RING),
          why="the ring holds kSize characters at most")  # fmt: skip
    held = min(written, RING, size)
    check(f"how many copy_last() copies of {size} {what}", seen=probe.number("lab_log_copied"),
          expected=held, why="as many as there are, as fit, and no more")  # fmt: skip
    part = min(held, len(text))
    copy = probe.machine.read_memory(symbols.address("lab_log_copy") & 0xFFFFFFFF, held)[-part:]
    at = next((i for i, (a, b) in enumerate(zip(copy, text[-part:])) if a != b), None)
    check(f"copy_last({size}) {what}: the first wrong one of the last {part} characters",
          seen=at, expected=None, why="oldest first, and around the end of the ring")  # fmt: skip


@pytest.mark.points(8, exercise=2)
def test_log_ring_keeps_the_last(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """The ring holds the last 32 KiB of all messages, before it is full and after."""
    log_probe(start, symbols, rng.getrandbits(48) | 1, rng.randint(5, 100), rng.randint(20, 3000))
    lines = rng.randint(2000, 5000)
    size = rng.choice([RING + 100, rng.randint(9000, RING)])
    log_probe(start, symbols, rng.getrandbits(48) | 1, lines, size)


# Exercise 3: the backtrace.


def printed_chain(machine: Machine, symbols: Symbols) -> list[str]:
    """The functions in which the printed return addresses lie, by the host's own table."""
    rows = re.findall(r"^  0x([0-9a-f]+)(?: \S.*\+0x[0-9a-f]+)?$", machine.console.text, re.MULTILINE)
    return [plain(symbols.name(int(address, 16) - 2).split("+0x")[0]) for address in rows]


@pytest.mark.points(6, exercise=3)
def test_backtrace_names_the_chain(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """A backtrace lists the callers, innermost first, up to kernel_main."""
    path = "".join(rng.choice("abcd") for _ in range(rng.randint(4, 14)))
    machine = start(append=f"ktest=console_backtrace_probe lab={path}")
    status = machine.wait_exit(5)
    chain = printed_chain(machine, symbols)
    want = [STEPS[letter] for letter in reversed(path)]
    check("the callers, innermost first", seen=chain[: len(want)], expected=want,
          why="the return address is the word below the frame pointer, the caller's frame pointer "
          "the word below that")  # fmt: skip
    check("the outermost callers", seen=chain[-2:], expected=["kernel_main", "boot_start"],
          why="it goes on until a frame is not plausible: entry.S has put 0 there")  # fmt: skip
    check("the kernel's exit status", seen=status, expected=POWER_OFF)


@pytest.mark.points(5, exercise=3)
def test_backtrace_stops_at_damage(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """A damaged chain of frames ends the backtrace, not the kernel."""
    reasons = {
        1: "a frame pointer of 0", 2: "a frame that is its own caller", 3: "a caller further down",
        4: "a frame pointer that is not aligned", 5: "a frame pointer in user space",
        6: "a frame pointer below the stack", 7: "a return address outside the kernel's code",
    }  # fmt: skip
    kinds = [2, 5, *rng.sample([1, 3, 4, 6, 7], 2)]
    for kind in kinds:
        count, damage = rng.randint(2, 12), rng.getrandbits(37)
        options = f"lab={kind} count={count} damage={damage:#x}"
        machine = start(append=f"ktest=console_damage_probe {options}")
        status = machine.wait_exit(5)
        chain = printed_chain(machine, symbols)
        panicked = " and a panic" if status == PANICKED else ""
        check(f"the lines for {count} frames, the last with {reasons[kind]}",
              seen=f"{len(chain)} lines{panicked}", expected=f"{count} lines",
              why="a frame is read only if plausible_frame() says so, its caller's frame lies "
              "higher, and its return address is code")  # fmt: skip


# Exercise 4: registers.


@pytest.mark.points(6, exercise=4)
def test_frame_holds_the_registers(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """trap_dispatch gets a frame with the values that all 31 registers had at the trap."""
    probe = Probe(start, symbols, "registers", "lab=1")
    probe.run_to("lab_trap_here")
    had = probe.choose(rng)
    probe.run_to("trap_dispatch", why="see trap_entry in trap_entry.S")
    frame = probe.frame()
    check_registers("the TrapFrame", frame, had,
                    "x1 is the frame's first word, x31 its 31st; sp and tp are stored for you")  # fmt: skip
    check("sepc and scause in the frame", seen=(frame["sepc"], frame["scause"]),
          expected=(symbols.address("lab_trap_here"), 3),
          why="save_csrs uses t0 and t1: the frame must hold their old values before")  # fmt: skip


@pytest.mark.points(6, exercise=4)
def test_registers_come_from_the_frame(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """After a trap all 31 registers are what the frame says, whatever the handler left in them."""
    probe = Probe(start, symbols, "registers", "lab=1")
    probe.run_to("lab_trap_here")
    before = probe.registers()
    probe.run_to("trap_dispatch", why="see save_registers")
    at = probe.gdb.read_register("a0")
    want = before | {name: rng.getrandbits(64) for name in FREE}
    probe.gdb.write(at, struct.pack("<31Q", *(want[name] for name in X)))
    probe.gdb.write(at + FRAME_CSRS, struct.pack("<Q", symbols.address("lab_trap_back")))
    # As if trap_dispatch had done its work, and left its own values everywhere.
    probe.gdb.write_register("pc", probe.gdb.read_register("ra"))
    for name in [f"t{i}" for i in range(7)] + [f"a{i}" for i in range(8)]:
        probe.gdb.write_register(name, rng.getrandbits(64))
    probe.run_to("lab_trap_back", why="see restore_registers")
    check_registers("after sret", probe.registers(), want,
                    "all of the frame is loaded, s0 to s11 too: sigreturn and the scheduler change "
                    "them there; sp comes last, as the frame is read through it")  # fmt: skip


# Exercise 5: dispatch.


def fault(kind: str, rng: random.Random, sepc: int) -> tuple[int, dict[str, int]]:
    """An address for the faulting instruction, and what the trap's CSRs will hold."""
    unmapped = rng.randrange(0x1000, 0x7FFF0000, 8)
    nothing = 0xFFFFFFC000000000 + rng.randrange(0x90000000, 0xF0000000, 8)  # no RAM, no device
    if kind == "a":
        return 0, {"sepc": sepc, "scause": 2, "stval": 0}
    if kind == "d":  # QEMU calls it a misaligned load
        odd = 0xFFFFFFC080600000 + rng.randrange(1, 0x1000, 4) + rng.randrange(3)
        return odd, {"sepc": sepc, "scause": 4, "stval": odd}
    if kind == "e":
        return unmapped, {"sepc": unmapped, "scause": 12, "stval": unmapped}
    address = rng.choice([unmapped, nothing])
    load, store = (13, 15) if address == unmapped else (5, 7)
    return address, {"sepc": sepc, "scause": load if kind == "b" else store, "stval": address}


@pytest.mark.points(6, exercise=5)
def test_exceptions_find_their_handler(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """Faults at random addresses reach the hook with what happened; breakpoints are passed."""
    kinds = list("abcdefg") + [rng.choice("abcdefg") for _ in range(5)]
    rng.shuffle(kinds)
    probe = Probe(start, symbols, "fault", f"lab={''.join(kinds)}")
    for kind in kinds:
        probe.run_to("lab_fault")
        table = (symbols.address("lab_fault") + 28 + 15) & ~15
        address, want = fault(kind, rng, table + 16 * (ord(kind) - ord("a")))
        probe.gdb.write_register("a1", address)
        name = {"a": "an illegal instruction", "b": "a load", "c": "a store", "d": "an atomic access",
                "e": "a jump", "f": "an ebreak", "g": "a compressed ebreak"}[kind]  # fmt: skip
        place = probe.run_to("lab_exception", "lab_fault_end")
        if kind in "fg":
            a0 = probe.gdb.read_register("a0")
            check(f"after {name}: where the kernel goes on, and a0 there", seen=(place, a0),
                  expected=("lab_fault_end", 77),
                  why="a breakpoint is reported and passed: sepc moves 4 bytes on, and 2 if the "
                  "instruction is compressed; it is not the hook's business")  # fmt: skip
            continue
        check(f"after {name} at {address:#x}", seen=place, expected="lab_exception",
              why="an exception in the kernel goes to trap_hooks.kernel_exception first")  # fmt: skip
        frame = probe.frame()
        if kind == "d" and frame["scause"] == 6:  # as the specification has it
            want["scause"] = 6
        seen = {key: f"{frame[key]:#x}" for key in want}
        check(f"the frame of {name} at {address:#x}", seen=seen,
              expected={key: f"{value:#x}" for key, value in want.items()})  # fmt: skip
        probe.run_to("lab_fault_end", why="the hook said true: the trap is handled")
    probe.run_to("lab_done")


@pytest.mark.points(5, exercise=5)
def test_interrupts_are_handled_and_followed_up(
    start: Start, symbols: Symbols, rng: random.Random
) -> None:
    """An interrupt reaches its handler, then after_interrupt, both with interrupts off."""
    messages = rng.getrandbits(30) << 2 | 1  # without kStop
    probe = Probe(start, symbols, "message", f"lab={messages:#x}")
    probe.run_to("lab_begin")
    for place in ("lab_message", "lab_after_interrupt"):
        why = "handle_interrupt() handles it, then trap_hooks.after_interrupt() may switch threads"
        seen = probe.run_to("lab_message", "lab_after_interrupt", "lab_done", why=why)
        check("where the kernel goes", seen=seen, expected=place, why=why)
        if place == "lab_message":
            check("the messages", seen=probe.gdb.read_register("a0") & 0xFFFFFFFF,
                  expected=messages)  # fmt: skip
        check(f"sstatus.SIE in {place}", seen=probe.gdb.read_register("sstatus") >> 1 & 1,
              expected=0, why="interrupts stay off until sret")  # fmt: skip
    probe.run_to("lab_done")


@pytest.mark.points(4, exercise=5)
def test_user_traps_go_to_their_hook(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """A trap from user mode goes to from_user, with the registers of user mode."""
    probe = Probe(start, symbols, "user", "lab=1")
    probe.run_to("lab_begin")
    frame = symbols.address("lab_user_frame")
    want = {name: rng.getrandbits(64) for name in X}
    place = rng.randrange(0x1000, 0x7FFF0000, 2)
    probe.gdb.write(frame, struct.pack("<31Q", *want.values()))
    probe.gdb.write(frame + FRAME_CSRS, struct.pack("<Q", place))
    why = "from_user() of the frame tells; such a trap is no matter of the kernel's own hooks"
    check("where the trap goes", seen=probe.run_to("lab_from_user", "lab_exception", why=why),
          expected="lab_from_user", why=why)  # fmt: skip
    seen = probe.frame()
    check("sepc, scause and stval", seen=(seen["sepc"], seen["scause"], seen["stval"]),
          expected=(place, 12, place))  # fmt: skip
    check_registers("the TrapFrame", seen, want, "see exercise 4")


@pytest.mark.points(3, exercise=5)
def test_panic_tells_the_trap(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """An exception that nobody handles panics, with the frame and the way to the fault."""
    address = rng.randrange(0x1000, 0x7FFF0000, 8)
    machine = start(append=f"ktest=console_panic_probe lab={address:#x}")
    check("the exit status", seen=machine.wait_exit(5), expected=PANICKED)
    text = machine.console.text
    seen = re.findall(r"scause 0x([0-9a-f]+)  stval 0x([0-9a-f]+)$", text, re.MULTILINE)
    check("scause and stval in the report", seen=[(int(a, 16), int(b, 16)) for a, b in seen],
          expected=[(13, address)], why="panic_at() prints the frame, panic() knows none")  # fmt: skip
    check("the function of the fault", seen=printed_chain(machine, symbols)[:1],
          expected=["lab_fault"], why="panic_at() begins the backtrace where the trap was")  # fmt: skip


# Exercise 6: the timer.


@pytest.mark.points(7, exercise=6)
def test_timer_fires_when_asked(start: Start, symbols: Symbols, rng: random.Random) -> None:
    """The timer interrupts at its deadline in guest time, with the Sstc extension and without."""
    for cpu in ("rv64", "rv64,sstc=off"):
        period, count = rng.randint(200_000, 3_000_000), 5
        probe = Probe(start, symbols, "timer", f"lab={period} count={count}", icount="shift=0",
                      extra=["-cpu", cpu])  # fmt: skip
        what = f"(-cpu {cpu}, {period} ns)"
        times = []
        for _ in range(count):
            probe.run_to("lab_tick", timeout=2, why=f"no timer interrupt comes {what}: is the deadline "
                         "absolute, and in ticks of the clock, not in nanoseconds?")  # fmt: skip
            times.append(probe.machine.guest_nanoseconds())
        late = [b - a - period for a, b in zip(times, times[1:])]
        # While the hart waits, QEMU sleeps: a busy host makes some ticks late, but none early, nor all.
        wrong = [n for n in late if n < -200] or (late if min(late) > 50_000 else [])
        check(f"ticks that come too early, or all more than 50 us late, {what}",
              seen=[f"{n} ns" for n in wrong], expected=[],
              why="to_ticks() says how many ticks of the clock a number of nanoseconds is")  # fmt: skip
        place = probe.run_to("ktest_fail", "lab_done")
        check(f"after set_timer(kNever), and for a deadline that is past {what}", seen=place,
              expected="lab_done",
              why="kNever disarms the timer; a deadline in the past fires at once")  # fmt: skip


@pytest.mark.points(2, exercise=6, stays="all that traps need, ten thousand times in a row")
def test_registers_survive_timer_interrupts(
    start: Start, symbols: Symbols, rng: random.Random
) -> None:
    """Ten thousand timer interrupts leave all 31 registers of the interrupted code as they were."""
    count = rng.randint(10_000, 11_000)
    # Guest time is that of instructions, or the host's load decides how long ten thousand of them take.
    probe = Probe(start, symbols, "spin", f"lab={count}", icount="shift=0")
    probe.run_to("lab_spin_here")
    had = probe.choose(rng)
    probe.run_to("lab_enough", timeout=4, why=f"{count} timer interrupts should have come")
    probe.run_to("lab_spin_here")
    check_registers(f"after {count} timer interrupts", probe.registers(), had, "see exercise 4")


# Exercise 7: in.


@pytest.mark.points(5, exercise=7)
def test_input_arrives(start: Start, rng: random.Random) -> None:
    """Every byte typed arrives once and in order: of any value, and more at once than fit the port."""
    key = rng.randint(1, 255)
    data = bytes(range(256)) + rng.randbytes(rng.randint(100, 500)) + bytes(20) + rng.randbytes(9)
    machine = start(append=f"ktest=console_echo_probe lab={key} count={len(data)}")
    machine.expect(r"^lab: ready\n")
    begin = len(machine.console.raw)
    machine.send(data[:3])
    time.sleep(0.05)
    machine.send(data[3:])
    machine.wait_exit(20)  # it ends by itself when no more bytes come
    seen = machine.console.raw[begin:]
    want = bytes(byte ^ key for byte in data)
    at = next((i for i, (a, b) in enumerate(zip(seen, want)) if a != b), min(len(seen), len(want)))
    check(f"how many of {len(data)} bytes come back in order", seen=at, expected=len(data),
          why="the handler takes bytes as long as the line status says that there is one; 0 is a "
          "byte like any other")  # fmt: skip
    many = re.findall(r"a byte too many, 0x\w+", machine.console.text)
    check("bytes that nobody typed", seen=many, expected=[],
          why="an interrupt may come although all was read: look at the line status first")  # fmt: skip
