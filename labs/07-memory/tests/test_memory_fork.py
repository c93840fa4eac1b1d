"""Lab 7, exercises 5 and 6: what spaces share after fork, who may write when, and mprotect. As in
test_memory_areas.py the kernel runs random scripts, and the host walks the tables."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from memory_compare import run
from memory_model import (
    FAILED, PAGE, READ, TO_READ, TO_WRITE, USER_END, WRITE,
)  # fmt: skip
from memory_script import TABLE_USE, USER_USE, Guest, Script, random_pages
from test_memory_areas import RIGHTS, furnish, random_area, sources

from grading.machine import Machine
from grading.symbols import Symbols
from labs.grade import check, fail

Start = Callable[..., Machine]


def inhabited(rng: random.Random, pages: int) -> tuple[Script, list[int]]:
    """A script with a space 0 of which many pages were touched."""
    script = Script()
    sources(script, rng)
    script.create(0)
    clusters = random_pages(rng, 2, pages)
    furnish(script, rng, 0, clusters, pages)
    for _ in range(3 * pages):
        address = rng.choice(clusters) + rng.randrange(pages * PAGE)
        script.resolve(0, address, rng.choice([TO_READ, TO_WRITE]))
    return script, clusters


# Exercise 5.


@pytest.mark.points(7, exercise=5)
def test_fork_shares_every_private_page(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """Right after fork both tables lead to the same frames, which neither may write."""
    script, clusters = inhabited(rng, 40)
    script.stop()
    family = [0]
    for child in range(1, 7):  # children of children, too
        parent = rng.choice(family)
        script.fork(parent, child)
        script.stop()
        family.append(child)
        if rng.random() < 0.5:
            gone = rng.choice(family[:-1]) if len(family) > 2 else None
            if gone is not None:
                script.destroy(gone)
                family.remove(gone)
    for space in family:
        for _ in range(10):
            script.read(space, rng.choice(clusters) + rng.randrange(40 * PAGE) & -8)
    script.stop()
    for space in rng.sample(family, len(family)):
        script.destroy(space)
    run(script, start, symbols, folder)


@pytest.mark.points(4, exercise=5)
def test_fork_of_a_large_space(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """Fork of 100 MiB takes tables and no page; one that finds no memory for them leaves nothing."""
    pages, base = 25600 + rng.randrange(600), rng.randrange(1, 1 << 16) << 21
    script = Script()
    large = script.plain
    large("create", 0)
    large("map", 0, how=1, rights=READ | WRITE, address=base, size=pages * PAGE)
    large("touch", 0, address=base, size=pages, value=1 << 40)
    script.stop()
    first_fork = len(script.lines)
    large("fork", 0, other=1)
    script.stop()
    large("destroy", 1)
    short = []
    # The tables of so many pages take 52 frames at least: twice too few, then enough.
    for keep in [*rng.sample(range(1, 45), 2), 80]:
        large("use_up", value=keep)
        short.append(len(script.lines))
        large("fork", 0, other=1)
        large("give_back")
        script.stop()
        large("destroy", 1)
        script.stop()
    guest = Guest(start, symbols, folder, script, memory="128M", picture=False)
    for _ in range(2):
        guest.run_to_stop()
    before = guest.leaves(0)
    users, tables = guest.used(USER_USE), guest.used(TABLE_USE)
    check("pages of the space before fork", seen=len(before), expected=pages)
    guest.run_to_stop()
    check("what the fork of a large space gave", seen=guest.results(len(script.lines))[first_fork], expected=0)
    taken = guest.used(USER_USE) - users
    check(f"frames of user memory that a fork of {pages} pages took", seen=taken, expected=0,
          why="fork copies no page; the first write does")  # fmt: skip
    lowest = len({at >> 21 for at in before})
    most = lowest + len({at >> 30 for at in before}) + 1
    if guest.used(TABLE_USE) - tables > most:
        fail(f"the fork took {guest.used(TABLE_USE) - tables} frames for page tables, not {most}")
    check_equal(guest, 0, 1, before)
    failed = 0
    for line in short:
        guest.run_to_stop()
        outcome = guest.results(line + 1)[line]
        if outcome == 0:
            check_equal(guest, 0, 1, before)
        else:
            check("what fork gave where memory ended", seen=outcome, expected=FAILED | 12,
                  why="ENOMEM (12)")  # fmt: skip
            failed += 1
        guest.run_to_stop()
        why = "what a fork that fails has taken it gives back: the child's tables, its references"
        check("frames for page tables after it", seen=guest.used(TABLE_USE), expected=tables, why=why)
        check("frames of user memory after it", seen=guest.used(USER_USE), expected=users)
        for at in before:
            check(f"owners of the frame of {at:#x} after it", seen=guest.references(before[at][0]),
                  expected=1, why=why)  # fmt: skip
    if failed == 0:
        fail("fork never failed, although its memory was taken away",
             "a walk that gives null has found no memory: ENOMEM")  # fmt: skip


def check_equal(guest: Guest, parent: int, child: int, before: dict[int, tuple[int, int]]) -> None:
    """Both spaces map what the parent mapped before, read-only."""
    for space in (parent, child):
        leaves = guest.leaves(space)
        who = "the parent" if space == parent else "the child"
        check(f"pages of {who} after fork", seen=len(leaves), expected=len(before),
              why="the child has all private pages of its parent, or fork says ENOMEM")  # fmt: skip
        for at, (place, _) in before.items():
            if leaves[at][0] != place or leaves[at][1] & 4:
                fail(f"after fork {who} maps {at:#x} to {leaves[at][0]:#x}, flags {leaves[at][1]:#x}",
                     f"it should be the frame {place:#x} as before, and not writable")  # fmt: skip


@pytest.mark.points(6, exercise=5, stays="whole families in random order, and its variants: what the "
                    "tests before find in single steps")  # fmt: skip
def test_writes_after_fork_stay_apart(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """What one of a family writes only it sees; who is alone with a frame writes it in place."""
    pages = 30
    script, clusters = inhabited(rng, pages)
    family = [0]
    for step in range(420):
        space = rng.choice(family)
        address = rng.choice(clusters) + rng.randrange(pages * PAGE)
        kind = rng.random()
        if kind < 0.45:
            script.write(space, address, rng.randint(1, PAGE), rng.getrandbits(60))
        elif kind < 0.7:
            script.resolve(space, address, rng.choice([TO_READ, TO_WRITE, 2]))
        elif kind < 0.85:
            script.read(space, address & -8)
        elif kind < 0.9:
            script.call("unmap", space, address & -PAGE, rng.randint(1, 4) * PAGE)
            random_area(script, rng, space, address & -PAGE, rng.randint(1, 3))
        elif kind < 0.95 and len(family) < 6:
            child = min(set(range(7)) - set(family))
            script.fork(space, child)
            family.append(child)
        elif kind >= 0.95 and len(family) > 2:
            family.remove(space)
            script.destroy(space)
        if step % 70 == 69:
            script.stop()
    script.use_up()
    for _ in range(40):
        address, space = rng.choice(clusters) + rng.randrange(pages * PAGE), rng.choice(family)
        # Whether a child has a table for pages that fork does not copy is left to the kernel.
        if address >> 21 in script.model.spaces[space].tables:
            script.resolve(space, address, TO_WRITE)
    script.give_back()
    script.stop()
    for space in family:
        script.destroy(space)
    run(script, start, symbols, folder)


# Exercise 6.


@pytest.mark.points(4, exercise=6)
def test_protection_changes_what_is_there(
    start: Start, symbols: Symbols, folder: Path, rng: random.Random
) -> None:
    """protect() takes rights at once and gives them with the next touch; a hole stops it early."""
    pages = 36
    script, clusters = inhabited(rng, pages)
    for _ in range(8):  # a child has its parent's pages, also those that are forbidden meanwhile
        at = rng.choice(clusters) + rng.randrange(pages) * PAGE
        script.call("protect", 0, at, rng.randint(1, 3) * PAGE, 0)
    script.fork(0, 1)
    script.stop()
    family = [0, 1]
    for step in range(420):
        space, at = rng.choice(family), rng.choice(clusters) + rng.randrange(pages) * PAGE
        kind = rng.random()
        if kind < 0.06:  # all is taken and given again, and then the pages are read
            size = rng.randint(1, 4) * PAGE
            if script.call("protect", space, at, size, 0):
                script.call("protect", space, at, size, READ | WRITE)
                for page in range(at, at + size, PAGE):
                    script.resolve(space, page, TO_READ)
        elif kind < 0.35:
            size = rng.randint(1, 8) * PAGE - rng.choice([0, 0, 1, rng.randrange(PAGE)])
            script.call("protect", space, at, size, rng.choice(RIGHTS))
        elif kind < 0.65:
            script.write(space, at + rng.randrange(PAGE), rng.randint(1, PAGE), rng.getrandbits(60))
        elif kind < 0.88:
            script.resolve(space, at, rng.choice([TO_READ, TO_WRITE, 2]))
        elif kind < 0.92:
            random_area(script, rng, space, at, rng.randint(1, 4))
        elif kind < 0.96:
            bad = [(at + 1, PAGE), (at, 0), (at + 1, 0), (at, USER_END), (USER_END, PAGE)]
            script.call("protect", space, *rng.choice(bad), READ | WRITE)
        elif len(family) < 5:
            script.fork(space, len(family))
            family.append(len(family))
        if step % 60 == 59:
            script.stop()
    for space in family:
        script.destroy(space)
    run(script, start, symbols, folder)
