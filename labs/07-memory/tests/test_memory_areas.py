"""Lab 7, exercises 1 to 6: address spaces in the kernel. It runs random scripts of calls
(kernel/memory_probe.cc); the host knows from a model what each must give, and walks the page tables
in guest memory itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from memory_compare import run
from memory_model import (
    EXEC, FIXED, HINT, MMAP_MINIMUM, MMAP_TOP, NO_REPLACE, PAGE, PRIVATE, READ, SHARED,
    SHARED_FOR_READING, TO_READ, TO_WRITE, USER_END, WRITE,
)  # fmt: skip
from memory_script import Script, random_pages

from grading.machine import Machine
from grading.symbols import Symbols

Start = Callable[..., Machine]
RIGHTS = (READ, READ | WRITE, READ | WRITE, READ | EXEC, READ | WRITE | EXEC, WRITE, EXEC, 0)
NO_SIZE, NO_PAGE = (1 << 64) - 1, (1 << 64) - PAGE  # the end of all numbers
BOOK, LOOSE, MEMORY = 1, 2, 3  # sources: a book that keeps its pages, one that does not, shared memory


def sources(script: Script, rng: random.Random, pages: int = 40) -> None:
    script.book(BOOK, pages, rng.getrandbits(60))
    script.book(LOOSE, pages, rng.getrandbits(60), keeps=False)
    script.shared(MEMORY, pages)


def random_area(script: Script, rng: random.Random, space: int, at: int, pages: int) -> None:
    """Maps something of any kind there; some sources end before it does."""
    kind = rng.choice(["zero", "zero", "book", "loose", "shared book", "shared memory", "reading"])
    rights, offset = rng.choice(RIGHTS), rng.randrange(40 - pages if rng.random() < 0.8 else 40)
    size = pages * PAGE
    if kind == "zero":
        script.map(space, at, size, rights)
    elif kind == "shared memory":
        script.map(space, at, size, rights, SHARED, MEMORY, offset)
    elif kind == "shared book":
        script.map(space, at, size, rights, SHARED, BOOK, offset)
    elif kind == "reading":
        script.map(space, at, size, rights & ~WRITE, SHARED_FOR_READING, BOOK, offset)
    else:
        script.map(space, at, size, rights, PRIVATE, BOOK if kind == "book" else LOOSE, offset)


def furnish(script: Script, rng: random.Random, space: int, clusters: list[int], pages: int) -> None:
    """Areas of all kinds with holes between, in stretches of `pages` pages."""
    for base in clusters:
        at = 0
        while at < pages:
            count = min(rng.randint(1, 7), pages - at)
            if rng.random() < 0.85:
                random_area(script, rng, space, base + at * PAGE, count)
            at += count


# Exercise 1.


@pytest.mark.points(8, exercise=1)
def test_mappings_lie_where_there_is_room(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """map() finds room as it is told, keeps areas in order, and takes no page for any of it."""
    script = Script()
    sources(script, rng)
    script.create(0)
    # One of them where rooms that are looked for lie, so that some just fit.
    bases = [*random_pages(rng, 2, 30), MMAP_TOP - rng.randrange(60, 100) * PAGE]
    for step in range(240):
        size = rng.randint(1, 6) * PAGE - rng.choice([0, 0, 1, rng.randrange(PAGE)])
        near = rng.choice(bases) + rng.randrange(40) * PAGE
        rights, placement = rng.choice(RIGHTS[1:4]), HINT
        address = rng.choice([0, near, near, near + rng.randrange(PAGE), rng.getrandbits(64)])
        if rng.random() < 0.5:
            # At a place: free, or (then it must say so) not.
            address, placement = near, NO_REPLACE
            if not script[0].overlapping(near, near + size) and rng.random() < 0.5:
                placement = FIXED
        if rng.random() < 0.1:  # what cannot be
            address, size = rng.choice([
                (near + 1 + rng.randrange(PAGE - 1), size), (near, 0), (USER_END, size),
                (near, USER_END + 1), (USER_END - PAGE, 2 * PAGE), (near, NO_SIZE), (NO_PAGE, size),
            ])  # fmt: skip
            placement = rng.choice([NO_REPLACE, FIXED])
        source, sharing = rng.choice([(0, PRIVATE), (0, PRIVATE), (BOOK, PRIVATE), (BOOK, SHARED)])
        offset = near // PAGE % 4096 if rng.random() < 0.7 else rng.randrange(4096)
        script.map(0, address, size, rights, sharing, source, offset if source else 0, placement)
        if step % 60 == 59:
            script.stop()
    # Until there is no room: first large pieces, then smaller ones.
    for giant in (1 << 36, 1 << 34, 1 << 31, PAGE):
        for _ in range(4):
            script.map(0, rng.choice([0, MMAP_MINIMUM - PAGE]), giant, READ, placement=HINT)
    script.map(0, 0, MMAP_TOP, READ, placement=HINT)
    run(script, start, symbols, folder)


# Exercise 2.


@pytest.mark.points(9, exercise=2)
def test_pages_come_when_they_are_touched(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """A first touch brings the right page with the right rights; a wrong one is refused."""
    script, pages = Script(), 48
    sources(script, rng)
    clusters = random_pages(rng, 3, pages)
    for space in (0, 1):
        script.create(space)
        furnish(script, rng, space, clusters, pages)
    for at in rng.sample(range(pages), 20):  # once each, before any is touched again
        script.resolve(0, clusters[at % 3] + at * PAGE, rng.choice([TO_READ, TO_WRITE]))
    script.stop()
    for step in range(420):
        space, access = rng.randrange(2), rng.choice([TO_READ, TO_READ, TO_WRITE, TO_WRITE, 2])
        address = rng.choice(clusters) + rng.randrange(-PAGE, (pages + 1) * PAGE)
        if rng.random() < 0.02:
            address = rng.choice([0, USER_END - 17 * PAGE, rng.getrandbits(38)])
        if not script.model.would_grant(script[space], address, access):
            script.resolve(space, address, access)
        if step % 140 == 139:
            script.stop()
    # Without memory, where the tables are there: nothing comes, and nothing changes.
    script.use_up()
    for _ in range(40):
        space, access = rng.randrange(2), rng.choice([TO_READ, TO_WRITE])
        address = rng.choice(clusters) + rng.randrange(pages * PAGE)
        if not script.model.would_grant(script[space], address, access):
            script.resolve(space, address, access)
    script.give_back()
    script.stop()
    for space in (1, 0):
        script.destroy(space)
        script.stop()
    run(script, start, symbols, folder)


# Exercise 3.


@pytest.mark.points(7, exercise=3)
def test_a_first_write_parts_from_the_source(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """Pages that were read first are written: private ones apart, shared ones after telling."""
    script, pages = Script(), 40
    sources(script, rng)
    clusters = random_pages(rng, 2, pages)
    for space in (0, 1):
        script.create(space)
        furnish(script, rng, space, clusters, pages)
    for step in range(500):
        space, address = rng.randrange(2), rng.choice(clusters) + rng.randrange(pages * PAGE)
        if rng.random() < 0.6:
            script.resolve(space, address, rng.choice([TO_READ, TO_WRITE, 2]))
        elif rng.random() < 0.5:
            script.read(space, address & -8)
        else:
            script.write(space, address, rng.randint(1, 2 * PAGE), rng.getrandbits(60))
        if step % 120 == 119:
            script.stop()
    script.use_up()
    for _ in range(60):
        address = rng.choice(clusters) + rng.randrange(pages * PAGE)
        script.resolve(rng.randrange(2), address, rng.choice([TO_READ, TO_WRITE]))
    script.give_back()
    script.stop()
    script.destroy(0)
    run(script, start, symbols, folder)


# Exercise 4.


@pytest.mark.points(8, exercise=4)
def test_unmapping_cuts_and_gives_back(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """unmap() takes away what is in its range and nothing else, and so do kFixed and a heap."""
    script, pages = Script(), 48
    sources(script, rng)
    script.create(0)
    clusters = random_pages(rng, 2, pages)
    furnish(script, rng, 0, clusters, pages)
    heap = (1 << 37) + rng.randrange(1 << 10) * PAGE
    script.heap(0, heap)
    for step in range(420):
        at = rng.choice(clusters) + rng.randrange(pages) * PAGE
        kind = rng.random()
        if kind < 0.4:
            script.write(0, at + rng.randrange(PAGE), rng.randint(1, 300), rng.getrandbits(60))
            script.resolve(0, at, TO_READ)
        elif kind < 0.6:
            size = rng.randint(1, 9) * PAGE - rng.choice([0, 0, 1, rng.randrange(PAGE)])
            script.call("unmap", 0, at, size)
        elif kind < 0.75:
            random_area(script, rng, 0, at, rng.randint(1, 9))
        elif kind < 0.95:
            script.set_break(0, heap + rng.choice([-1, 0, rng.randrange(12 * PAGE)]))
            script.write(0, heap + rng.randrange(12 * PAGE), 8, rng.getrandbits(60))
        else:
            script.call("unmap", 0, *rng.choice([(at + 1, PAGE), (at, 0), (USER_END, PAGE),
                                                 (at, USER_END), (0, PAGE)]))  # fmt: skip
        if step % 70 == 69:
            script.stop()
    script.call("unmap", 0, 0, 1 << 37)
    script.stop()
    run(script, start, symbols, folder)
