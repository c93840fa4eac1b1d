"""Lab 7, exercises 3 and 5 to 7: programs. The first process is one of labs/07-memory/user; the host
knows what it must answer to its random input, and looks at page tables and counters itself."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from memory_model import (
    ENOMEM, EXEC, FIXED, PAGE, PRIVATE, READ, TO_READ, TO_WRITE, USER_END, WRITE, Model,
    Refused, Space,
)  # fmt: skip
from memory_programs import Scribe, clan
from memory_script import LINEAR, TABLE_USE, USER_USE

from grading.cpio import pack
from grading.machine import Machine
from grading.sv39 import Walker, root_of
from grading.symbols import Symbols
from grading.tree import file
from labs.foretold import MASK, Numbers, new_input
from labs.grade import check, fail

SIGSEGV, SIGKILL = 11, 9
First = Callable[..., Machine]


@pytest.fixture
def first(
    start: Callable[..., Machine], folder: Path, program: Callable[[str], Path]
) -> Callable[..., Machine]:
    """first(name, *arguments) boots with that program as process 1."""

    def run(name: str, *arguments: int, **options: object) -> Machine:
        archive = folder / "initramfs.cpio"
        archive.write_bytes(pack({f"/{name}": file(program(name).read_bytes(), 0o755)}))
        words = " ".join(str(word) for word in arguments)
        append = f"root=initramfs init=/{name} -- {words}"
        return start(initrd=archive, append=append, **options)

    return run


def used(machine: Machine, symbols: Symbols, use: int) -> int:
    """How many frames are in use for this, by the counters of the harts."""
    data = machine.read_memory(symbols.address("frame_caches") - LINEAR, 320 * 8)
    return sum(struct.unpack_from("<q", data, 320 * hart + 264 + 8 * use)[0] for hart in range(8))


# Exercise 3.


@pytest.mark.points(3, exercise=3, stays="the first that is a program: by then all parts on its way "
                    "have been caught one by one")  # fmt: skip
def test_a_program_gets_what_it_touches(
    first: First, symbols: Symbols, rng: random.Random
) -> None:
    """A program may map far more than there is memory: it pays for the pages that it touches."""
    seed, pages, count = new_input(rng), rng.randint(1 << 18, 1 << 19), rng.randint(200, 400)
    base = rng.randrange(1 << 6, 1 << 7) << 30
    machine = first("sparse", seed, pages, count, base, memory="48M")
    said = machine.expect(r"^sum (\d+)\n")
    machine.stop()
    numbers, words, places, total = Numbers(seed), {}, set(), 0
    for _ in range(count):
        at, value = numbers.below(pages * PAGE // 8), numbers.next()
        if numbers.below(2) == 0:
            words[at] = value
        places.add(base + at * 8 & -PAGE)
        total += words.get(at, 0)
    check("the sum of all that the program read", seen=int(said.groups[0]), expected=total & MASK,
          why="what was never written is zero")  # fmt: skip
    walker = Walker(machine.read_memory, root_of(machine.registers()["satp"]))
    leaves = {m.virtual: m.physical for m in walker.mappings() if m.virtual < USER_END}
    there = {at for at in leaves if base <= at < base + pages * PAGE}
    why = f"of {pages} pages that are mapped, {len(places)} were touched"
    check("pages that are there and were not touched", seen=len(there - places), expected=0, why=why)
    check("pages that were touched and are not there", seen=len(places - there), expected=0, why=why)
    for at in rng.sample(sorted(words), 40):
        address = base + 8 * at
        data = machine.read_memory(leaves[address & -PAGE] + address % PAGE, 8)
        check(f"the word at {address:#x}", seen=int.from_bytes(data, "little"), expected=words[at])
    spent = used(machine, symbols, USER_USE)
    if spent > 2 * count + 100:
        fail(f"user memory takes {spent} frames, though the program touched about {2 * count} pages")


# Exercise 5.


@pytest.mark.points(3, exercise=5, stays="shows it all in real families, many and deep")
def test_a_family_of_writers(first: First, rng: random.Random) -> None:
    """Each of a family of processes sees what it wrote, and what it had from its parent."""
    shapes = [(2, rng.randint(3, 4)), (1, rng.randint(20, 40)), (3, 2)]
    for children, depth in rng.sample(shapes, 2):
        seed, pages = new_input(rng), rng.randint(4, 12)
        machine = first("clan", seed, children, depth, pages, memory="48M")
        text = machine.expect(r"^end\n")
        lines = [line.split() for line in text.before.splitlines()]
        seen = {int(a): int(b) for a, b in (line for line in lines if len(line) == 2 and
                line[0].isdigit() and line[1].isdigit())}  # fmt: skip
        for node, value in sorted(clan(seed, children, depth, pages).items()):
            check(
                f"the hash of all that process {node} of the family sees "
                f"({children} children each, {depth} generations)",
                seen=seen.get(node),
                expected=value,
                why="it depends on each write of its own and its ancestors before its birth, on no "
                "other, and on how its children ended",
            )
        check("the machine's exit status", seen=machine.wait_exit(), expected=0)


@pytest.mark.points(3, exercise=5)
def test_the_kernel_writes_to_the_right_copy(first: First, rng: random.Random) -> None:
    """What read() and other calls write into shared pages is seen by the caller, at once, alone."""
    seed, count = new_input(rng), 14
    typed = bytes(rng.randrange(33, 127) for _ in range(60 * 2 * count))
    machine, scribe = first("scribe", seed, count), Scribe(seed, typed)
    for index in range(1, count + 1):
        for_parent, for_child, before, after, parent = scribe.turn(index)
        for data in (for_parent, for_child):
            if data:
                machine.expect(rf"^type {len(data)}\n")
                machine.send(data)
        said = machine.expect(r"^child (\d+) (\d+)\n")
        check(f"child {index}: the hash of its memory, after its parent's was written",
              seen=int(said.groups[0]), expected=before,
              why="the kernel wrote into a page that the child still shares")  # fmt: skip
        check(f"child {index}: the hash after a call wrote into its memory", seen=int(said.groups[1]),
              expected=after, why="the kernel wrote into another page, or the hart still reads the "
              "old one: a page that has another frame must be flushed")  # fmt: skip
        said = machine.expect(r"^parent (\d+) (-?\d+)\n")
        check(f"the hash of the parent's memory after child {index}", seen=int(said.groups[0]),
              expected=parent, why="what the child's call wrote is the child's alone")  # fmt: skip
        check("how the child ended", seen=int(said.groups[1]), expected=0)
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


# Exercise 6.


def expected_culprits(seed: int, count: int, base: int) -> list[tuple[int, int]]:
    """What each call of user/culprits.c gives, and how the child after it ends."""
    numbers, model, space = Numbers(seed), Model(), Space()
    rights = [0, READ, READ | WRITE, READ | EXEC]
    answers = []
    for _ in range(count):
        kind, begin, pages = numbers.below(4), numbers.below(24), 1 + numbers.below(8)
        right, at, result = rights[numbers.below(4)], base + begin * PAGE, 0
        try:
            if kind < 2:
                model.map(space, at, pages * PAGE, right, PRIVATE, 0, 0, FIXED)
            elif kind == 2:
                model.unmap(space, at, pages * PAGE)
            else:
                model.protect(space, at, pages * PAGE, right)
        except Refused as refused:
            result = -refused.number
        word, how, value = numbers.below(24 * PAGE // 8), numbers.below(6), numbers.next()
        place = base + 8 * word
        area = space.find(place)
        if value % 2 == 0 and area and area.rights == READ | WRITE:
            model.write(space, place, struct.pack("<Q", value // 2))
        answers.append((result, ending(model, space, place, how, value)))
    return answers


def ending(model: Model, space: Space, place: int, how: int, value: int) -> int:
    """The wait status of a child that touches `place`."""
    area, there = space.find(place), space.pages.get(place & -PAGE)
    old = int.from_bytes(there.frame.data[place % PAGE :][:8], "little") if there else 0
    if area is None or how in (2, 3, 4):
        return SIGSEGV
    if how == 0 and area.allows(TO_READ):
        return ((old & 63) + 1) << 8
    if how == 1 and area.allows(TO_WRITE):
        return ((value & 63) + 1) << 8
    return ((old + value & 63) + 1) << 8 if how == 5 else SIGSEGV


@pytest.mark.points(3, exercise=6)
def test_culprits_are_killed(first: First, rng: random.Random) -> None:
    """A program that touches what it may not is killed, from the moment on at which it may not."""
    seed, count, base = new_input(rng), 90, rng.randrange(1 << 6, 1 << 7) << 30
    machine = first("culprits", seed, count, base)
    text = machine.expect(r"^end\n")
    lines = [line.split() for line in text.before.splitlines() if line[:1].isdigit()]
    ways = ["reads", "writes", "writes, forbids it, writes", "reads, unmaps, reads",
            "reads, protects it, reads", "protects it, allows it, adds to it"]  # fmt: skip
    numbers = Numbers(seed)
    for index, (result, status) in enumerate(expected_culprits(seed, count, base)):
        kind = numbers.below(4)
        for _ in range(4):
            numbers.next()
        how = ways[numbers.below(6)]
        numbers.next()
        seen = lines[index] if index < len(lines) else [None] * 3
        what = ("mmap", "mmap", "munmap", "mprotect")[kind]
        check(f"what {what}, call {index}, gave", seen=seen[1], expected=str(result))
        check(f"how child {index} ended, which {how} (11: SIGSEGV; else 256 times its code)",
              seen=seen[2], expected=str(status),
              why="a right that is taken is gone at once: the hart must forget its old "
              "translation")  # fmt: skip
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


# Exercise 7.


@pytest.mark.points(3, exercise=7)
def test_the_largest_goes_when_memory_ends(first: First, rng: random.Random) -> None:
    """When memory ends the process with most of it is killed, until there is enough; others live."""
    # In thousandths of what is free: process 1 has most, then one that sleeps; when memory ends the
    # one that grows has less than the sleeper, and goes on when it is gone.
    own, sleeper = rng.randint(380, 410), rng.randint(300, 330)
    others = [rng.randint(35, 50) for _ in range(rng.randint(3, 4))]
    sizes = [0, sleeper, *others]
    order = rng.sample(range(len(sizes)), len(sizes))
    growing, largest = order.index(0), order.index(1)
    machine = first("hogs", growing, own, *(sizes[i] for i in order), memory="48M")
    text = machine.expect(r"^end\n", 15)
    seen = dict(line.split()[1:] for line in text.before.splitlines() if line.startswith("child "))
    for index in range(len(sizes)):
        killed = index in (growing, largest)
        who = {growing: "that took more and more", largest: "that had most"}.get(index, "of the others")
        check(
            f"how child {index}, the one {who}, ended (9: killed)",
            seen=seen.get(str(index)),
            expected=str(SIGKILL if killed else (index + 1) << 8),
            why="the one with most pages goes, whoever asked; process 1 never does",
        )
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)


@pytest.mark.points(2, exercise=7, stays="the whole lab under shortage: no single fault is its own")
def test_a_swarm_leaves_nothing(first: First, symbols: Symbols, rng: random.Random) -> None:
    """Processes that fork without end get an error in the end; when they are gone all is free."""
    machine = first("swarm", new_input(rng), 2, memory="24M")
    counts = []
    for word in ("before", "after"):
        text = machine.expect(rf"^{word}\n", 20)
        machine.stop()
        walker = Walker(machine.read_memory, root_of(machine.registers()["satp"]))
        pages = {m.physical for m in walker.mappings() if m.virtual < USER_END}
        strays = used(machine, symbols, USER_USE) - len(pages)
        counts.append((strays, used(machine, symbols, TABLE_USE) - len(walker.tables())))
        machine.cont()
        machine.send(b"x")
    rounds = [line for line in text.before.splitlines() if line.startswith("round ")]
    check("rounds that came to their end", seen=len(rounds), expected=2)
    for line in rounds:
        forks, errors, others, waited = (int(word) for word in line.split() if word.isdigit())
        if forks < 60 or errors == 0 or others or waited < forks + 1:
            fail(f"a swarm in 24 MiB: {line}",
                 "fork must succeed many times and then say ENOMEM; each child is waited for")  # fmt: skip
    check("frames of user memory and frames of page tables that are not process 1's, after all others "
          "have ended", seen=counts[1], expected=counts[0],
          why="whoever ends, or fails half way, gives everything back")  # fmt: skip
    machine.expect(r"^end\n")
    check("the machine's exit status", seen=machine.wait_exit(), expected=0)
