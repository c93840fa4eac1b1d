"""Lab 6: user mode and system calls.

The first tests build address spaces in the kernel, by the probes of labs/06-user/kernel, and walk
their page tables from outside. The others start a first process, without a shell, from an archive
that the test makes, and compare what it says with what follows from its random input.
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from user_model import (
    E2BIG, EBADF, EFAULT, ENOENT, ENOEXEC, PAGE, STACK_TOP, USER_END, Space, archive, read_log,
)  # fmt: skip

from grading.elf_file import R, W, X, Elf, Segment
from grading.errors import GuestTimeout
from grading.machine import Machine
from grading.sv39 import root_of
from grading.symbols import Symbols
from grading.tree import Tree, file
from labs.foretold import FNV_START, MASK, Numbers, fnv, new_input
from labs.grade import check, fail
from labs.probe import Words

Start = Callable[..., Machine]
PIE_BASE = 0x2AAAAAA000
SIGILL, SIGTRAP, SIGBUS, SIGKILL, SIGSEGV = 4, 5, 7, 9, 11


@pytest.fixture
def probe(start: Start, symbols: Symbols, folder: Path) -> Callable[..., tuple[Machine, Words]]:
    """probe(name, program, option=value …) runs a probe; gives the stopped machine and the log."""

    def run(name: str, program: bytes = b"", **inputs: int) -> tuple[Machine, Words]:
        words = " ".join(f"{key}={value}" for key, value in inputs.items())
        initrd = archive(folder, {"/program": file(program, 0o755)})
        machine = start(initrd=initrd, append=f"ktest=userlab_{name} {words}")
        return machine, read_log(machine, symbols)

    return run


@pytest.fixture
def first(start: Start, folder: Path, program: Callable[[str], Path]) -> Callable[..., Machine]:
    """first(name, *arguments, more={path: node}) boots with that program as process 1."""

    def run(name: str, *arguments: int, more: Tree | None = None, **options: object) -> Machine:
        tree = {f"/{name}": file(program(name).read_bytes(), 0o755)} | (more or {})
        words = " ".join(str(word) for word in arguments)
        append = f"root=initramfs init=/{name} -- {words}"
        return start(initrd=archive(folder, tree), append=append, **options)

    return run


# --- exercise 1 -----------------------------------------------------------------------------------


def random_program(rng: random.Random) -> Elf:
    """A program of some segments with gaps, odd borders and memory behind the file's part."""
    segments, at = [], rng.choice([0, 0x10000, 0x400000])
    position_independent = at == 0
    for flags in rng.sample([R | X, R, R | W, R | W, R], rng.randint(3, 5)):
        at += rng.choice([0, PAGE, 7 * PAGE]) + rng.choice([0, 8, 520, rng.randrange(PAGE)])
        data = rng.randbytes(rng.choice([1, 100, PAGE, PAGE - 1, rng.randint(1, 3 * PAGE)]))
        if flags & W and rng.random() < 0.2:
            data = b""
        more = rng.choice([0, 1, 300, PAGE, rng.randint(0, 3 * PAGE)]) if flags & W else 0
        memsz = len(data) + more or 100
        segments.append(Segment(vaddr=at, data=data, memsz=memsz, flags=flags))
        at = (at + memsz + PAGE - 1) & -PAGE
    kind: dict[str, int | bytes] = {"type": 3 if position_independent else 2}
    return Elf(segments, segments[0].linked, header=kind, tail=rng.randbytes(3000))


@pytest.mark.points(9, exercise=1)
def test_segments_are_mapped(
    probe: Callable[..., tuple[Machine, Words]], rng: random.Random
) -> None:
    """Every byte of a random program lies where its headers say, zeroes follow, with its rights."""
    for _ in range(4):
        elf = random_program(rng)
        bias = PIE_BASE if elf.header["type"] == 3 else 0
        data = elf.build()
        machine, log = probe("load", data)
        check("the outcome of mapping a sound program (an errno)", seen=log[0], expected=0)
        space = Space(machine, log[1])
        check("the entry point", seen=log[2], expected=elf.segments[0].linked + bias)
        expected_pages = set()
        for number, segment in enumerate(elf.segments):
            start, size = segment.linked + bias, segment.memsz or 0
            letters = "".join(c for c, bit in zip("RWX", (R, W, X)) if segment.flags & bit)
            what = f"segment {number} ({letters}, {len(segment.data)} bytes of {size} in the file)"
            for page in range(start & -PAGE, start + size, PAGE):
                expected_pages.add(page)
                if page not in space.pages:
                    fail(
                        f"{what}: nothing is mapped at {page:#x}",
                        "p_memsz says how much memory there is, not p_filesz",
                    )
                flags = space.pages[page].flags
                seen = "".join(c for c, bit in zip("RWXU", (2, 4, 8, 16)) if flags & bit)
                check(f"{what}: the rights of page {page:#x}", seen=seen, expected=letters + "U")
            seen = space.read(start, len(segment.data))
            if seen != segment.data:
                at = next(i for i, (a, b) in enumerate(zip(seen, segment.data)) if a != b)
                fail(
                    f"{what}: byte {at} is {seen[at]:#x} and should be {segment.data[at]:#x}",
                    "a segment may begin inside a page: file and memory agree modulo the page",
                )
            zeroes = space.read(start + len(segment.data), size - len(segment.data))
            if any(zeroes):
                at = next(i for i, byte in enumerate(zeroes) if byte)
                fail(
                    f"{what}: byte {at} behind the file's part is {zeroes[at]:#x}, not 0",
                    "the last page of the file's part holds what follows in the file: clear it",
                )
        # The kernel's own page for returning from signals aside.
        extra = {p for p in space.pages if p < USER_END - PAGE} - expected_pages
        check("pages that belong to no segment", seen=sorted(map(hex, extra)), expected=[])


# --- exercise 2 -----------------------------------------------------------------------------------


class CopyModel:
    """The address space of userlab_copy: its pages, and what they hold."""

    START = 0x400000
    RIGHTS = ["rw", "rw", "rw", "", "r", "r", "rw", "rw", "", "", "rw"]

    def __init__(self) -> None:
        self.pages = {
            self.START + i * PAGE: bytearray(PAGE) for i, r in enumerate(self.RIGHTS) if r
        }

    def may(self, address: int, right: str) -> bool:
        index = (address - self.START) // PAGE
        return 0 <= index < len(self.RIGHTS) and right in self.RIGHTS[index]

    @staticmethod
    def pieces(address: int, size: int) -> list[tuple[int, int]]:
        """The range cut at page borders: (address, count)."""
        result = []
        while size > 0:
            count = min(size, PAGE - address % PAGE)
            result.append((address, count))
            address, size = (address + count) & MASK, size - count
        return result

    def write(self, address: int, data: bytes) -> bool:
        """Writes what may be written; whether that was all."""
        good, at = True, 0
        for where, count in self.pieces(address, len(data)):
            if self.may(where, "w"):
                self.pages[where & -PAGE][where % PAGE :][:count]
                self.pages[where & -PAGE][where % PAGE : where % PAGE + count] = data[at : at + count]
            else:
                good = False
            at += count
        return good

    def read(self, address: int, size: int) -> bytes | None:
        data = b""
        for where, count in self.pieces(address, size):
            if not self.may(where, "r"):
                return None
            data += self.pages[where & -PAGE][where % PAGE : where % PAGE + count]
        return data


def draw_copy_address(numbers: Numbers) -> int:
    page, kind = numbers.below(12), numbers.below(12)
    any_place = numbers.below(3) == 0
    offset = numbers.below(PAGE) if any_place else PAGE - numbers.below(200)
    if kind == 1:
        return MASK - numbers.below(64)
    bases = {0: 0, 2: 0xFFFFFFC080400000, 3: USER_END}
    return bases.get(kind, CopyModel.START + page * PAGE) + offset


@pytest.mark.points(9, exercise=2)
def test_copies_go_where_they_may(
    probe: Callable[..., tuple[Machine, Words]], rng: random.Random
) -> None:
    """Copies to and from user memory move every byte, or say EFAULT; nothing else changes."""
    seed, steps = new_input(rng), 250
    machine, log = probe("copy", seed_input=seed, steps=steps)
    numbers, model, words = Numbers(seed), CopyModel(), log.one_by_one()
    for step in range(steps):
        out = numbers.below(2) == 0
        address = draw_copy_address(numbers)
        size = numbers.below(3 * PAGE) if numbers.below(3) == 0 else numbers.below(400)
        fill = numbers.next().to_bytes(8, "little")
        what = f"step {step}: copy_{'out' if out else 'in'} of {size} bytes at {address:#x}"
        why = "each page counts, the last like the first, and writing needs the right to write"
        if out:
            data = bytes(fill[i % 8] ^ (i >> 8 & 0xFF) for i in range(size))
            expected = 0 if model.write(address, data) else EFAULT
            check(f"{what}: its errno", seen=next(words), expected=expected, why=why)
        else:
            bytes_in = model.read(address, size)
            expected = EFAULT if bytes_in is None else 0
            check(f"{what}: its errno", seen=next(words), expected=expected, why=why)
            if bytes_in is not None:
                why = "at a page border both sides move on: the user's address and the kernel's"
                seen = next(words)
                check(f"{what}: the hash of the bytes", seen=seen, expected=fnv(bytes_in), why=why)
                check(f"{what}: what lies behind in the buffer is kept", seen=next(words), expected=1)
    space = Space(machine, next(words))
    for page, expected_bytes in model.pages.items():
        if space.page(page) != bytes(expected_bytes):
            fail(
                f"after all copies the page at {page:#x} differs from what was written to it",
                "at a page border both sides move on: the user's address and the kernel's",
            )


# --- exercise 3 -----------------------------------------------------------------------------------


def random_strings(numbers: Numbers, count: int, longest: int) -> list[bytes]:
    strings = []
    for _ in range(count):
        edge, any_size = PAGE - 17 + numbers.below(20), numbers.below(longest)
        strings.append(numbers.letters(edge if numbers.below(4) == 0 else any_size))
    return strings


def check_strings(space: Space, at: int, strings: list[bytes], what: str) -> int:
    """Compares an array of pointers and what they point to; returns the address behind its null."""
    for index, expected in enumerate(strings):
        pointer = space.word(at + 8 * index)
        if not at <= pointer < STACK_TOP:
            fail(f"{what}[{index}] is {pointer:#x}, which is not above it on the stack")
        seen = space.text(pointer)
        check(f"{what}[{index}]", seen=seen, expected=expected)
    end = at + 8 * len(strings)
    check(f"the word behind the last of {what}", seen=space.word(end), expected=0, why="a null")
    return end + 8


@pytest.mark.points(8, exercise=3)
def test_first_stack_is_linuxs(
    probe: Callable[..., tuple[Machine, Words]], rng: random.Random
) -> None:
    """A new program finds argc, argv, envp and the auxiliary vector where the ABI puts them."""
    program = Elf([Segment(vaddr=0x10000, data=rng.randbytes(500))], header={"type": 3})
    at_names = {3: "AT_PHDR", 4: "AT_PHENT", 5: "AT_PHNUM", 6: "AT_PAGESZ", 7: "AT_BASE",
                9: "AT_ENTRY", 17: "AT_CLKTCK", 23: "AT_SECURE"}  # fmt: skip
    randoms = set()
    for longest in (20, 300, rng.choice([4500, 6000])):
        seed, base = new_input(rng), rng.randrange(0, 1 << 37, PAGE)
        count, variables = rng.randint(0, 12), rng.randint(0, 9)
        machine, log = probe(
            "stack", program.build(), seed_input=seed, longest=longest, arguments=count,
            variables=variables, base=base,
        )  # fmt: skip
        check("the outcome (an errno)", seen=log[0], expected=0)
        sp, space = log[1], Space(machine, log[2])
        check("the stack pointer, modulo 16", seen=sp % 16, expected=0, why="the ABI wants 16")
        numbers = Numbers(seed)
        argv = random_strings(numbers, count, longest)
        envp = random_strings(numbers, variables, longest)
        check("argc, the word at sp", seen=space.word(sp), expected=count)
        at = check_strings(space, sp + 8, argv, "argv")
        at = check_strings(space, at, envp, "envp")
        vector = {}
        for _ in range(40):
            key, value = struct.unpack("<QQ", space.whole(at, 16))
            if key == 0:
                break
            vector[key], at = value, at + 16
        wanted = {3: log[3], 4: 56, 5: 1, 6: PAGE, 7: base, 9: log[4], 17: 100, 23: 0}
        for key, value in wanted.items():
            name = f"{at_names[key]} of the auxiliary vector"
            check(name, seen=vector.get(key), expected=value)
        path = space.text(vector.get(31, 0))
        check("what AT_EXECFN points to", seen=path, expected=b"/bin/the-program")
        randoms.add(space.read(vector.get(25, 0), 16))
    check("how many of three programs got other random bytes", seen=len(randoms), expected=3)
    machine, log = probe(
        "stack", program.build(), seed_input=1, longest=130_000, arguments=40, variables=0, base=0
    )
    why = "strings of more than a quarter of the stack's limit are refused, before any copy"
    check("the outcome for some 2.5 MB of strings", seen=log[0], expected=E2BIG, why=why)


# --- exercise 4 -----------------------------------------------------------------------------------


def wait_for_report(machine: Machine, magic: int) -> tuple[Space, int]:
    """Looks into the running program's memory until the magic number stands there."""
    for _ in range(100):
        try:
            machine.expect(r"(?!)", 0.05)
        except GuestTimeout:
            pass
        machine.stop()
        registers = machine.registers()
        if registers["pc"] < USER_END and registers["satp"]:  # 0: the kernel has not started yet
            space = Space(machine, root_of(registers["satp"]))
            for page, leaf in space.pages.items():
                if leaf.flags & 4 and page < STACK_TOP - (8 << 20):
                    at = (space.page(page) or b"").find(struct.pack("<Q", magic))
                    if at >= 0:
                        return space, page + at
        machine.cont()
    fail("the program has not come to its end", "it runs with interrupts, and calls must return")
    raise AssertionError


def expected_calls(numbers: Numbers, count: int) -> tuple[list[int], int]:
    """What the calls of user/calls.c return, and its sum."""
    results, total, mask = [], 0, 0o22
    for index in range(count):
        kind, value = numbers.below(8), numbers.next()
        if kind in (2, 3, 4):
            results.append(-38)
        elif kind >= 6:
            results.append(mask)
            mask = value & 0o777
        else:
            results.append({0: 1, 1: 0, 5: 0}[kind])
        for turns in range(numbers.below(20000), 0, -1):
            total += turns ^ index
    return results, total & MASK


def run_calls(first: Callable[..., Machine], rng: random.Random) -> tuple[Space, int, int, int]:
    """Runs calls: its memory, where its report is, its seed and the number of calls."""
    seed, count = new_input(rng), rng.randint(200, 400)
    machine = first("calls", seed, count)
    space, at = wait_for_report(machine, (seed * 0x9E3779B97F4A7C15 + 1) & MASK)
    return space, at, seed, count


@pytest.mark.points(7, exercise=4)
def test_system_calls_answer(first: Callable[..., Machine], rng: random.Random) -> None:
    """Each system call of a random sequence returns its result, or a negative errno, in a0."""
    space, at, seed, count = run_calls(first, rng)
    results, total = expected_calls(Numbers(seed), count)
    seen = struct.unpack(f"<{count}q", space.whole(at + 24 + 512, 8 * count))
    for index, (result, expected) in enumerate(zip(seen, results)):
        check(
            f"the result of call {index}",
            seen=result,
            expected=expected,
            why="a7 is the whole number (ENOSYS, 38, where there is no such call); errors are "
            "negative in a0",
        )
    check("the sum that the program worked out between its calls", seen=space.word(at + 16),
          expected=total, why="an interrupt must leave every register as it was")  # fmt: skip


@pytest.mark.points(4, exercise=4, stays="guards registers, which only a trap handler that writes "
                    "more than a0 and sepc would spoil")  # fmt: skip
def test_system_call_keeps_registers(first: Callable[..., Machine], rng: random.Random) -> None:
    """A system call changes a0 and no other register."""
    space, at, seed, count = run_calls(first, rng)
    before = struct.unpack("<32Q", space.whole(at + 24, 256))
    after = struct.unpack("<32Q", space.whole(at + 24 + 256, 256))
    check("a0 after getpid()", seen=after[10], expected=1)
    numbers = Numbers(seed)
    expected_calls(numbers, count)
    drawn = [numbers.next() for _ in range(32)]
    check("the values loaded", seen=list(before), expected=drawn)
    for register in range(3, 32):
        expected = {10: 1, 17: 172}.get(register, before[register])
        check(f"x{register} after a system call", seen=after[register], expected=expected)


# --- exercise 5 -----------------------------------------------------------------------------------


@pytest.mark.points(7, exercise=5)
def test_console_passes_every_byte(first: Callable[..., Machine], rng: random.Random) -> None:
    """What is typed comes in whole, in order, as soon as it is there; what is written goes out."""
    seed = new_input(rng)
    typed = bytes(range(256)) + rng.randbytes(rng.randint(600, 900))
    machine = first("echo_bytes", seed, len(typed))
    machine.expect(r"^ready\n")
    begin = machine.console.raw.index(b"ready") + 5
    begin += len(machine.console.raw[begin:]) - len(machine.console.raw[begin:].lstrip(b"\r\n"))
    expected = bytes(byte ^ (place * 167 + seed & 0xFF) for place, byte in enumerate(typed))
    sent = 0
    while sent < len(typed):
        piece = typed[sent : sent + rng.choice([1, 2, rng.randint(1, 60)])]
        machine.send(piece)
        sent += len(piece)
        patience = machine.deadline(4)
        while len(machine.console.raw) - begin < sent and patience.left():
            if machine.console.ended:
                break
            time.sleep(0.005)
        answer = machine.console.raw[begin : begin + sent]
        check(
            f"the answer to {sent} bytes, of which the last {len(piece)} have just been typed",
            seen=answer[-120:],
            expected=expected[:sent][-120:],
            why="read() waits for one byte and then takes what is there, write() writes all",
        )
    machine.expect(r"end 0 0\n")
    numbers = Numbers(seed + 1)
    block = bytes(numbers.next() & 0xFF for _ in range(6000))
    seen = machine.console.raw[begin + sent :][:6000]
    wrong = next((i for i, (a, b) in enumerate(zip(seen, block)) if a != b), len(seen))
    check("how many of 6000 bytes, written in large pieces, came out right", seen=wrong,
          expected=6000, why="write() writes all, however much it is")  # fmt: skip
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


def expected_hostile(numbers: Numbers, count: int) -> list[set[int]]:
    """What each call of user/hostile.c may return."""
    results = []
    for _ in range(count):
        what = numbers.below(5)
        kind = numbers.below(2) if numbers.below(3) == 0 else numbers.below(9)
        numbers.below(PAGE - 8)
        if kind in (5, 6):
            numbers.below(7)
        numbers.next()
        good_to_read, good_to_write = kind in (0, 1), kind == 0
        if what == 0:
            results.append({0} if good_to_read else {-EFAULT})
        elif what == 1:
            results.append({7001} if good_to_write else {-EFAULT})
        elif what == 2:
            results.append({-EFAULT})
        elif what == 3:
            # Kind 6 may be an empty string: the last page of user space can be read.
            good = {0: {-ENOENT}, 1: {0}, 6: {-ENOENT, -EFAULT}}
            results.append(good.get(kind, {-EFAULT}))
        else:
            results.append({-EFAULT} if kind >= 2 else {-EBADF})
    return results


@pytest.mark.points(6, exercise=5)
def test_hostile_arguments_are_refused(first: Callable[..., Machine], rng: random.Random) -> None:
    """Pointers to nothing, to the kernel, to read-only memory and past the end are EFAULT."""
    seed, count = new_input(rng), 120
    machine = first("hostile", seed, count)
    text = machine.expect(r"^end (\d+)\n")
    lines = [line.split() for line in text.before.splitlines() if line[:1].isdigit()]
    numbers = Numbers(seed)
    for index, expected in enumerate(expected_hostile(numbers, count)):
        seen = int(lines[index][1]) if index < len(lines) else None
        if seen not in expected:
            check(f"call {index} of hostile", seen=seen, expected=min(expected),
                  why="every page of a buffer is looked at, for the access that is made")  # fmt: skip
    check("the last random number", seen=int(text.groups[0]), expected=numbers.next())
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


# --- exercise 6 -----------------------------------------------------------------------------------


def ending(seed: int) -> int:
    """The wait status of a child of user/family.c, without the bit for a core."""
    numbers = Numbers(seed)
    how, value = numbers.below(12), numbers.next()
    signals = {1: SIGSEGV, 2: SIGILL, 3: SIGTRAP, 4: SIGSEGV, 5: SIGSEGV, 6: SIGSEGV, 7: SIGBUS,
               8: SIGKILL}  # fmt: skip
    return signals.get(how) or (value >> 8 & 0xFF) << 8


def expected_family(seed: int, count: int) -> list[str]:
    lines, by_number = ["none -10"], count // 2
    waiting = set(range(by_number))
    for index in range(by_number):
        which = (index * 5 + seed + count) % by_number
        while which not in waiting:
            which = (which + 1) % by_number
        waiting.remove(which)
        lines.append(f"child {which} {ending(seed + which) & ~0x80}")
    others = sum((k + 1) * (ending(seed + k) & ~0x80) for k in range(by_number, count))
    lines += [f"others {others}", "none -10", "alive 0", "killed 9"]
    return [*lines, f"orphan {(seed & 127) << 8}", "end"]


@pytest.mark.points(7, exercise=6)
def test_children_end_as_they_should(first: Callable[..., Machine], rng: random.Random) -> None:
    """Children exit or are killed by what they do; their parent learns how, and siblings go on."""
    seed, count = new_input(rng), rng.randint(16, 30)
    machine = first("family", seed, count)
    text = machine.expect(r"^end\n", 10)
    seen = [line for line in (text.before + text.text).splitlines() if line.split(" ")[0] in
            ("none", "child", "others", "alive", "killed", "orphan", "end")]  # fmt: skip
    for index, expected in enumerate(expected_family(seed, count)):
        check(
            f"line {index} of family",
            seen=seen[index] if index < len(seen) else None,
            expected=expected,
            why="a status is 256 times the exit code, or the signal; -10 is ECHILD: no child to "
            "wait for",
        )
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


def junk(rng: random.Random, good: bytes) -> Tree:
    """Files that are no programs for this machine."""
    half = bytearray(good)
    half[18:20] = b"\x3e\0"  # for another machine
    kind = bytearray(good)
    kind[4] = 1  # 32 bits
    return {
        "/junk0": file(b"\x01" + rng.randbytes(5000), 0o755),
        "/junk1": file(good[: rng.randint(20, 63)], 0o755),
        "/junk2": file(bytes(half), 0o755),
        "/junk3": file(bytes(kind), 0o755),
        "/junk4": file(b"", 0o755),
    }


@pytest.mark.points(5, exercise=6, stays="guards exec, whose own code is given, over the copies, the "
                    "stack and the dispatcher together")  # fmt: skip
def test_exec_becomes_another_or_stays(
    first: Callable[..., Machine], program: Callable[[str], Path], rng: random.Random
) -> None:
    """exec passes every argument on; one that fails leaves the caller as it was."""
    seed, count, longest = new_input(rng), rng.randint(5, 30), rng.choice([50, 2000, 5000])
    more = {"/listener": file(program("listener").read_bytes(), 0o755)}
    more |= junk(rng, program("listener").read_bytes())
    machine = first("relay", seed, count, longest, more=more)
    text = machine.expect(r"^by (.*)\n|^exec failed")
    lines = dict(line.split(" ", 1) for line in text.before.splitlines() if " " in line)
    check("exec of a program that is not there", seen=lines.get("/missing"), expected="-2")
    for index in range(4):
        seen = lines.get(f"/junk{index}")
        check(f"exec of /junk{index}, which is no program", seen=seen, expected=f"-{ENOEXEC}")
    if int(lines.get("/junk4", "0")) >= 0:
        fail("exec of an empty file succeeded")
    check("exec with an argument in the kernel", seen=lines.get("wild"), expected=f"-{EFAULT}")
    check("the caller's memory is as it was", seen=lines.get("memory"), expected="1")
    numbers = Numbers(seed)
    for _ in range(5 * PAGE):
        numbers.next()
    value = FNV_START
    for word in random_strings(numbers, 2 * count, longest):
        value = fnv(word + b"\0", value)
    check("arguments, variables and the hash over all that the new program heard",
          seen=lines.get("heard"), expected=f"{count} {count} {value}")  # fmt: skip
    check("the new program's AT_EXECFN", seen=text.groups[0], expected="/listener")
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


@pytest.mark.points(4, exercise=6)
def test_a_thousand_cycles_leave_nothing(first: Callable[..., Machine], rng: random.Random) -> None:
    """After 1000 times fork, exec, exit and wait as many frames are free as before."""
    seed, count = new_input(rng), 1000
    machine = first("cycles", seed, count, memory="64M")
    lost = machine.expect(r"^sum (\d+)\nlost (-?\d+)\n", 30)
    expected = 0
    for index in range(count):
        expected = (expected * 31 + (index * 37 + seed % 1000 & 127)) & MASK
    check("the sum over what all children returned", seen=int(lost.groups[0]), expected=expected)
    check(
        "how many bytes fewer are free in the end",
        seen=int(lost.groups[1]),
        expected=0,
        why="what exit gives back, and what wait does, must be all; a thread that keeps its "
        "process, and a process its thread, live for ever",
    )


# --- exercise 7 -----------------------------------------------------------------------------------


@pytest.mark.points(4, exercise=7)
def test_break_moves_as_asked(first: Callable[..., Machine], rng: random.Random) -> None:
    """brk gives zeroes up to any byte, keeps what is there, and refuses what cannot be."""
    seed, count = new_input(rng), 60
    machine = first("heap", seed, count)
    text = machine.expect(r"^start (\d+)\n[^$]*?^hash (\d+)\n")
    start, end, memory = int(text.groups[0]), 0, bytearray()
    lines = text.text.splitlines()[1:-2]
    numbers = Numbers(seed)
    for index, line in enumerate(lines):
        kind = numbers.below(6)
        step = numbers.below(9) if numbers.below(3) == 0 else numbers.below(3 * PAGE)
        kind = 4 if index < 3 else kind
        if kind == 4:
            numbers.below(PAGE - 1 if index < 3 else 2 * PAGE)
        elif kind < 4:
            new = bytes((index * 7 + (start + at) % 251) & 0xFF for at in range(end, end + step))
            memory += new
            end += step
        what = {4: "below its start", 5: "to the end of user space"}.get(kind, f"{step} bytes up")
        check(
            f"the break after request {index}, {what}, as an offset from its start",
            seen=line,
            expected=f"{index} {end}",
            why="what cannot be done leaves the break, and brk returns where it is",
        )
    check("how many requests were answered", seen=len(lines), expected=count)
    dirty = text.text.splitlines()[-2]
    check("bytes of new memory that were not 0", seen=dirty, expected="dirty 0")
    check("the hash over the whole heap", seen=int(text.groups[1]), expected=fnv(bytes(memory)))
