"""Lab 4, exercises 1 to 4: tables. The kernel runs random scripts (kernel/paging_probe.cc) and prints
nothing; the host walks the tables in guest memory by itself and compares them with its model."""

from __future__ import annotations

import struct

import paging_host as host
import pytest
from paging_host import LINEAR, PAGE, USER_END, A, D, Guest, Mapping, R, U, V, W, X, letters

from labs.grade import check, fail

def index(va: int, level: int) -> int:
    return va >> (12 + 9 * level) & 511


def some_addresses(rng, count: int) -> list[int]:
    """Pages that share tables and pages that do not, up to both ends of user space."""
    bases = [0, USER_END - 24 * PAGE, rng.randrange(1 << 26) * PAGE, 0x3FFFE000]
    bases += [rng.randrange(1 << 17) << 21 for _ in range(2)]
    pages = {(base + rng.randrange(24) * PAGE) % USER_END for base in bases * count}
    pages |= {rng.randrange(1 << 26) * PAGE for _ in range(count // 8)}
    return rng.sample(sorted(pages), count)


# Exercise 1.


@pytest.mark.points(8, exercise=1)
def test_walk_goes_down_the_tree(start, symbols, folder, rng):
    """A walk ends at the entry that Sv39 means, makes tables that are missing, and nothing else."""
    walks = [(va, rng.choice((0, 0, 0, 1, 2))) for va in some_addresses(rng, 60)]
    walks += rng.choices(walks, k=20)  # some twice: the second walk finds the same entry
    script = [host.dirty(400), host.create(0)]
    script += [host.walk(0, va, level, True) for va, level in walks]
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    root, *seen = guest.results(len(script))[1:]
    table_of: dict[int, tuple[int, ...]] = {}
    wanted: dict[int, set[int]] = {root: set()}  # the entries that are not 0, by table
    for (va, level), entry in zip(walks, seen):
        table = root
        for at in range(2, level, -1):
            wanted[table].add(index(va, at))
            pte = entries(guest, table_of, table)[index(va, at)]
            check_pointer(pte, va, at)
            table = (pte >> 10 & (1 << 44) - 1) * PAGE
            wanted.setdefault(table, set())
        check(
            f"walk({va:#x}, kAllocate, level {level}): the entry's address",
            seen=entry,
            expected=table + 8 * index(va, level),
            why=f"the index at level n is bits 12 + 9n to 20 + 9n of the address; here "
            f"{index(va, 2)}, {index(va, 1)}, {index(va, 0)} at levels 2, 1, 0",
        )
    for table, used in wanted.items():
        half = entries(guest, table_of, table)[: 256 if table == root else 512]
        check(
            f"the entries that are not 0 in the table at {table:#x}",
            seen={n for n, pte in enumerate(half) if pte},
            expected=used,
            why="a new table must be zero: frames are full of what was in them before",
        )


def entries(guest: Guest, known: dict[int, tuple[int, ...]], table: int) -> tuple[int, ...]:
    if table not in known:
        known[table] = guest.walker(table).entries(table)
    return known[table]


def check_pointer(pte: int, va: int, level: int) -> None:
    """A pointer to a table has V and nothing else."""
    check(
        f"the flags of the entry for {va:#x} at level {level}, which points to a table",
        seen=letters(pte),
        expected=letters(V),
        why="with R, W or X it would be a leaf; U, A and D are reserved in pointers",
    )


@pytest.mark.points(5, exercise=1)
def test_lookup_changes_nothing(start, symbols, folder, rng):
    """A lookup takes no memory, says null where a table is missing, and so does a large page."""
    first = rng.randrange(1, 200) << 30 | rng.randrange(512) << 21 | rng.randrange(512) << 12
    beside, missing = first ^ 0x5000, first ^ 1 << 29
    large2, large1 = rng.randrange(201, 256) << 30, first ^ 1 << 28
    leaf = V | R | U | A | D
    script = [host.create(0), host.walk(0, first, 0, True)]
    script += [host.set_entry(0, large2, 2, leaf), host.set_entry(0, large1, 1, UNUSED >> 2 | leaf)]
    script.append(host.stop())
    questions = [
        (first, 0, False, True), (beside, 0, False, True), (missing, 1, False, True),
        (missing, 0, False, False), (large2, 2, False, True), (large1, 1, False, True),
        (large1 | 0x4000, 0, False, False), (large1, 0, True, False),
        (large2 + (1 << 30) & USER_END - 1, 0, False, False),
    ]  # fmt: skip
    rng.shuffle(questions)
    # Where these would go on there is no memory, so they come last.
    below = [(large2 | 0x3000, 1, False, False), (large2, 0, True, False)]
    first_question = len(script)
    for some in (questions, below):
        script += [host.walk(0, *question[:3]) for question in some] + [host.stop()]
    script += [host.use_up(), host.walk(0, missing, 0, True), host.give_back()]
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    before = guest.used(host.PAGE_TABLE_USE)
    for some in (questions, below):
        guest.run_to_stop()
        check_answers(some, guest.results(len(script))[first_question:])
        first_question += len(some) + 1
    check(
        "frames that lookups took for tables",
        seen=guest.used(host.PAGE_TABLE_USE) - before,
        expected=0,
        why="kLookup makes no tables",
    )
    guest.run_to_stop()
    check(
        "a walk that needs a table when there is no memory",
        seen=guest.results(len(script))[-2],
        expected=0,
        why="allocate_frame() gives a Result: without memory the walk returns null",
    )


UNUSED = 0x83000000  # free memory of a machine with 64 MiB


def check_answers(questions: list[tuple[int, int, bool, bool]], answers) -> None:
    """Whether each walk found an entry where it should, and only there."""
    for (va, level, allocate, found), answer in zip(questions, answers):
        mode = "kAllocate" if allocate else "kLookup"
        check(
            f"walk({va:#x}, {mode}, level {level}) finds an entry",
            seen=answer != 0,
            expected=found,
            why="null where a table is missing (kLookup), or a larger page is in the way",
        )


# Exercise 2.

LEAVES = (R, R | W, R | X, X, R | W | X, R | U, R | W | U, X | U, R | X | U)


class Model:
    """What one table should map: address -> (physical, flags)."""

    def __init__(self) -> None:
        self.pages: dict[int, tuple[int, int]] = {}

    def entry(self, va: int) -> int:
        if va not in self.pages:
            return 0
        physical, flags = self.pages[va]
        return physical >> 2 | flags | V | A | D

    def compare(self, guest: Guest, root: int) -> None:
        """Fails unless the table in guest memory maps exactly the model's pages."""
        seen = {m.virtual: m for m in guest.mappings(guest.walker(root)) if m.virtual < USER_END}
        for va in sorted(self.pages.keys() | seen.keys()):
            physical, flags = self.pages.get(va, (None, 0))
            if physical is None:
                fail(f"{va:#x} is mapped, to {seen[va].physical:#x}, but it should not be")
            wanted = Mapping(va, physical, PAGE, flags | V | A | D)
            if seen.get(va) != wanted:
                fail(
                    f"the mapping of {va:#x} in guest memory\n  expected: {wanted}\n"
                    f"  seen:     {seen.get(va, 'none')}",
                    "V, A and D are always set, the other bits are those asked for; the page "
                    "number stands in bits 10 to 53",
                )


@pytest.mark.points(10, exercise=2)
def test_random_maps_and_unmaps(start, symbols, folder, rng):
    """After thousands of maps and unmaps the table maps exactly the model's pages."""
    pages = some_addresses(rng, 90)
    model, script, expected = Model(), [host.dirty(200), host.create(0)], []
    stops = {}
    for step in range(1600):
        va = rng.choice(pages)
        if rng.random() < 0.55:
            physical, flags = rng.randrange(1 << 44) * PAGE, rng.choice(LEAVES)
            script.append(host.map_page(0, va, physical, flags))
            expected.append((f"map({va:#x})", host.EEXIST if va in model.pages else 0))
            model.pages.setdefault(va, (physical, flags))
        else:
            script.append(host.unmap(0, va))
            expected.append((f"unmap({va:#x})", model.entry(va)))
            model.pages.pop(va, None)
        if step % 400 == 399:
            script.append(host.stop())
            expected.append(("stop", 0))
            stops[len(script)] = dict(model.pages)
    guest = Guest(start, symbols, folder, script)
    for end, at_stop in stops.items():
        guest.run_to_stop()
        results = guest.results(end)
        for (what, wanted), seen in zip(expected, results[2:]):
            check(
                f"what {what} gave",
                seen=seen,
                expected=wanted,
                why="map() says EEXIST (17) and changes nothing where something is mapped; "
                "unmap() returns the entry that was there",
            )
        model.pages = at_stop
        model.compare(guest, results[1])


@pytest.mark.points(3, exercise=2)
def test_no_memory_is_an_error(start, symbols, folder, rng):
    """A map that finds no memory for a table says ENOMEM and maps nothing; later it works."""
    near = rng.randrange(1 << 17) << 21
    far = near ^ 1 << rng.randrange(21, 38)
    script = [host.create(0), host.map_page(0, near, 0x1000, R | U), host.use_up()]
    script += [host.map_page(0, far, 0x2000, R | U), host.map_page(0, near | 0x3000, 0x3000, R)]
    script += [host.unmap(0, far), host.give_back(), host.map_page(0, far, 0x4000, R | W)]
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    root, first, _, failed, beside, gone, _, again = guest.results(8)
    check("map() with memory", seen=(first, again), expected=(0, 0))
    check(
        "map() without memory for a table",
        seen=failed,
        expected=host.ENOMEM,
        why="walk() returns null then",
    )
    check("map() without memory where all tables are there", seen=beside, expected=0)
    check("unmap() of what could not be mapped", seen=gone, expected=0)
    model = Model()
    model.pages = {near: (0x1000, R | U), near | 0x3000: (0x3000, R), far: (0x4000, R | W)}
    model.compare(guest, root)


# Exercise 3.


@pytest.mark.points(8, exercise=3)
def test_protect_changes_permissions_alone(start, symbols, folder, rng):
    """protect() changes R, W, X and U of a page, returns the entry before, and leaves the rest."""
    pages = some_addresses(rng, 60)
    model, script, expected = Model(), [host.create(0)], []
    for va in pages[:45]:
        model.pages[va] = rng.randrange(1 << 44) * PAGE, rng.choice(LEAVES)
        script.append(host.map_page(0, va, *model.pages[va]))
    first = len(script)
    for _ in range(300):
        va, flags = rng.choice(pages), rng.choice(LEAVES)
        script.append(host.protect(0, va, flags))
        expected.append((va, model.entry(va) or host.ENOENT))
        if va in model.pages:
            model.pages[va] = model.pages[va][0], flags
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    results = guest.results(len(script))
    for (va, wanted), seen in zip(expected, results[first:]):
        check(
            f"what protect({va:#x}) gave",
            seen=seen,
            expected=wanted,
            why="the entry as it was before the change, or ENOENT (2) where nothing is mapped",
        )
    model.compare(guest, results[0])


# Exercise 4.


@pytest.mark.points(9, exercise=4)
def test_all_tables_are_given_back(start, symbols, folder, rng):
    """A table that goes gives back all its tables, and nothing else: not pages, not the kernel's."""
    slots = list(range(12))
    script = [host.create(1)] + [host.frames(slot, 0) for slot in slots]
    # A large page whose first frame must not be taken for a table.
    large = len(slots)
    script += [host.frames(large, 9), host.stop(), host.create(0)]
    for slot in slots:
        script += [host.map_slot(0, va, slot, R | U) for va in some_addresses(rng, 4)]
    large_page = 200 << 30 | rng.randrange(512) << 21
    script.append(host.stop())
    # Its entry is written by the host, which knows the frame's address only now.
    script += [host.walk(0, large_page, 1, True), host.stop(), host.destroy(0), host.stop()]
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    tables_before, user_before = guest.used(host.PAGE_TABLE_USE), guest.used(host.USER_USE)
    frames = guest.results(1 + len(slots) + 1)[1:]
    guest.run_to_stop()
    guest.run_to_stop()
    root = guest.results(len(script))[1 + len(slots) + 2]
    entry = guest.results(len(script) - 3)[-1]
    put_word(guest, entry, frames[large] >> 2 | V | R | W | U | A | D)
    tables = guest.tables(guest.walker(root))
    kernel = guest.tables(guest.walker(guest.kernel_root))
    own = [table for table in tables if table not in kernel]
    guest.run_to_stop()
    for physical in frames:
        check(
            f"the page frame at {physical:#x}, which was mapped: (owners, state)",
            seen=(guest.frame(physical).references, guest.frame(physical).state),
            expected=(1, host.USED),
            why="what leaves map belongs to whoever mapped it; a large page is a leaf too",
        )
    for table in kernel:
        if guest.frame(table).references == 0:
            fail(
                f"the kernel's own table at {table:#x} was given back",
                "the upper half of the root is shared by all tables",
            )
    kept = [table for table in own if guest.frame(table).references != 0]
    if kept:
        fail(
            f"{len(kept)} of {len(own)} tables were not given back, one at {kept[0]:#x}",
            "tables hang below tables: first give back what is below, then the table itself",
        )
    check("frames used for page tables", seen=guest.used(host.PAGE_TABLE_USE), expected=tables_before)
    check("frames of pages in use", seen=guest.used(host.USER_USE), expected=user_before)


def put_word(guest: Guest, physical: int, word: int) -> None:
    """Writes guest memory, by its place in the linear map."""
    guest.machine.gdb.write(physical + LINEAR, struct.pack("<Q", word))
