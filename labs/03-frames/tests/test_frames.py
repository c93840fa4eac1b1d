"""Lab 3, exercises 1 to 3: free blocks. The host reads lists and descriptors from guest memory and
compares them with a model of its own; the kernel runs random scripts (kernel/frames_probe.cc) and
prints nothing."""

from __future__ import annotations

import frames_host as host
import pytest
from buddy_model import Model, blocks_of, pages_in_words, table
from frames_host import MAX_ORDER, PAGE, Guest
from machine_tree import Range, last_ram_moved, odd_borders, read_tree, tree_at

from grading.errors import GuestPanic
from labs.grade import Fail, check, fail
from labs.probe import LINEAR

# Helpers of exercise 1.

MAX_PAGES = 1 << 25  # kMaxPages of the kernel: 128 GiB


def owners(guest: Guest, rng, far: bool = False) -> tuple[list[Range], list[Range]]:
    """RAM, and what of it is taken before the allocator starts, by the host's own reading.

    The borders in the guest's device tree are odd then; `far`: its last RAM lies beyond all maps.
    """
    guest.run_to("kernel_main")
    read = guest.machine.read_memory
    tree = guest.machine.gdb.read_register("a1")
    blob = tree_at(read, tree)
    changes = list(odd_borders(blob, rng))
    if far:
        changes.append(last_ram_moved(blob, MAX_PAGES * PAGE + rng.randrange(1 << 36), 1 << 30))
    for offset, value in changes:
        guest.patch(LINEAR + tree + offset, value)
    memory, taken = read_tree(read, tree)
    first, last, stage = (
        guest.address(name) - LINEAR for name in ("kernel_start", "kernel_end", "boot_stage")
    )
    taken += [Range(first, last - first, "the kernel"), Range(stage, PAGE, "the boot stage")]
    return memory, taken


def pages_touched(area: Range) -> range:
    return range(area.start // PAGE, -(-area.end // PAGE))


def pages_inside(area: Range) -> range:
    return range(-(-area.start // PAGE), min(area.end // PAGE, MAX_PAGES))


def check_free(guest: Guest, rng, far: bool = False) -> None:
    """After initialise_frames() exactly those pages are free that nobody has."""
    memory, taken = owners(guest, rng, far)
    after = guest.look_past_boot()
    free = after.free_pages()
    taken.append(Range(after.array, 32 * after.count, "the array of descriptors"))
    for area in taken:
        for page in pages_touched(area):
            if page in free:
                fail(
                    f"page {page * PAGE:#x} is free, but {area.owner} lies there "
                    f"({area.start:#x} to {area.end - 1:#x})",
                    "what is taken takes every page that it touches, also its last one in part",
                )
    ram = {page for area in memory for page in pages_inside(area)}
    if outside := free - ram:
        fail(f"page {min(outside) * PAGE:#x} is free, but there is no RAM")
    lost = ram - free - {page for area in taken for page in pages_touched(area)}
    if lost:
        fail(
            f"RAM that belongs to nobody is in no free block: {pages_in_words(len(lost))}, the first at "
            f"{min(lost) * PAGE:#x}, the last at {max(lost) * PAGE:#x}; RAM is "
            + ", ".join(f"{area.start:#x} to {area.end - 1:#x}" for area in memory),
            "a Run ends with the page after its last one; each range of RAM counts; a page is taken "
            "only where something lies in it; and the blocks of a run make up all of it",
        )


def odd_initrd(folder, rng):
    """An initial file system whose size is no multiple of a page."""
    path = folder / "initrd.bin"
    path.write_bytes(bytes(16) + rng.randbytes(rng.randrange(1, 300_000)))
    return path


@pytest.mark.points(8, exercise=1)
def test_free_memory_is_what_nobody_has(start, symbols, folder, rng):
    """After booting, all RAM is free except what somebody has, on machines of any size."""
    sizes = [f"{rng.randrange(16, 64)}M", f"{rng.randrange(256 * 16, 256 * 256) * 4 + 4}K"]
    sizes.append(f"{rng.randrange(256, 1025)}M")
    for memory in sizes:
        guest = Guest(start, symbols, folder, memory=memory, initrd=odd_initrd(folder, rng))
        check_free(guest, rng)


@pytest.mark.points(3, exercise=1)
def test_memory_may_be_in_pieces(start, symbols, folder, rng):
    """RAM that the device tree lists in pieces is free in each; what is too far away is left out."""
    sizes = rng.randrange(24, 60), rng.randrange(8, 40)
    extra = []
    for node, size in enumerate(sizes):
        extra += ["-object", f"memory-backend-ram,id=m{node},size={size}M"]
        extra += ["-numa", f"node,memdev=m{node},cpus={node}"]
    options = {"memory": f"{sum(sizes)}M", "smp": 2, "extra": extra}
    for far in (False, True):
        check_free(Guest(start, symbols, folder, **options), rng, far)


@pytest.mark.points(6, exercise=1)
def test_first_blocks_are_as_large_as_can_be(start, symbols, folder, rng):
    """The first free blocks are the fewest that make up the free pages."""
    memory = f"{rng.randrange(20, 160)}M"
    first = Guest(start, symbols, folder, memory=memory).look_past_boot()
    seen = first.free
    expected = blocks_of(first.free_pages())
    if seen != expected:
        fail(
            "the first free blocks (order:number)\n"
            f"  expected: {table(expected)}\n  seen:     {table(seen)}",
            "a block is as large as its alignment, the run and the largest order allow",
        )
    # Once more, with memory where the descriptors come that looks as if all buddies were free.
    junk = b"".join(host.descriptor_of_free(index) for index in range(first.count))
    why = (
        "RAM held descriptors that say kFree before the boot. Whatever lies there at power-on, no "
        "descriptor may be read before it has been written"
    )
    again = Guest(start, symbols, folder, memory=memory)
    again.run_to("kernel_main")
    again.patch(LINEAR + first.array, junk)
    try:
        found = again.look_past_boot().free
    except (Fail, GuestPanic) as error:
        raise type(error)(f"{error}\n  why: {why}") from None
    what = "the first free blocks on a machine full of junk"
    check(what, seen=table(found), expected=table(seen), why=why)


# Exercises 2 and 3: scripts of takes and gives.


Script = list[tuple[str, int, int]]  # ("take" or "give", slot, order), or ("stop", 0, 0)


def follow(
    guest: Guest, script: Script, first: int, last: int, model: Model, slots: dict[int, int]
) -> None:
    """Tells the model what the kernel gave for the lines from `first` to `last`."""
    results = guest.results(last + 1)
    for number in range(first, last + 1):
        what, slot, order = script[number - 1]
        if what == "take":
            guest.suspect(number)
            with guest.explained(number):
                model.took(order, results[number], number)
            slots[slot] = results[number]
        elif what == "give" and slots.get(slot):
            model.gave(slots.pop(slot))
    guest.suspect(first)


def run_script(start, symbols, folder, script: Script, **options) -> tuple[Guest, Model]:
    """Runs a script and compares what is free with the model's, at its stops and its end."""
    words = {"take": host.take, "give": host.give, "stop": lambda *_: host.stop()}
    lines = [host.stop()] + [words[what](slot, order) for what, slot, order in script]
    guest = Guest(start, symbols, folder, lines, **options)
    model = Model(guest.look_at_stop())
    slots: dict[int, int] = {}
    done = 0
    while done < len(script):
        seen = guest.look_at_stop()
        step = min(guest.step(), len(script))
        follow(guest, script, done + 1, step, model, slots)
        with guest.explained():
            model.compare(seen, f"after line {step} of the script")
            model.check_descriptors(seen)
        done = step
    return guest, model


def exhausting(rng, orders: list[int], count: int) -> Script:
    """Takes of random orders, and then of every order from the largest until nothing is left."""
    wanted = [rng.choice(orders) for _ in range(count)]
    wanted += [order for order in range(MAX_ORDER, -1, -1) for _ in range(80)]
    return [("take", slot, order) for slot, order in enumerate(wanted)]


@pytest.mark.points(9, exercise=2)
def test_the_smallest_that_fits_is_split(start, symbols, folder, rng):
    """A block is taken from the smallest free one that fits, and the other halves stay free."""
    script: Script = []
    for slot in range(16):
        script += [("take", slot, rng.choice((0, 0, 1, 2))), ("stop", 0, 0)]
    run_script(start, symbols, folder, script)


@pytest.mark.points(7, exercise=2)
def test_all_memory_can_be_taken(start, symbols, folder, rng):
    """Blocks of all orders can be had until nothing is left; only then there is null."""
    script = exhausting(rng, [0, 1, 2, 3, 5, 8], 100)
    memory = f"{rng.randrange(16, 32)}M"
    _, model = run_script(start, symbols, folder, script, memory=memory)
    check("free blocks in the end", seen=table(model.free), expected=table(blocks_of(())))


@pytest.mark.points(10, exercise=3)
def test_random_takes_and_gives(start, symbols, folder, rng):
    """After thousands of takes and gives the free blocks are exactly those of the model."""
    script: Script = []
    live: list[int] = []
    orders: dict[int, int] = {}
    for step in range(4000):
        # A damage shows soon, before the kernel stumbles over it.
        if step % (1 if step < 32 else 8 if step < 160 else 400) == 0:
            script.append(("stop", 0, 0))
        if live and (len(live) > 120 or rng.random() < 0.47):
            slot = live.pop(rng.randrange(len(live)))
            script.append(("give", slot, orders.pop(slot)))
            continue
        slot = next(n for n in range(len(orders) + 1) if n not in orders)
        orders[slot] = rng.choice((0, 0, 0, 1, 1, 2, 3, 4, rng.randrange(11)))
        live.append(slot)
        script.append(("take", slot, orders[slot]))
    script += [("stop", 0, 0), *(("give", slot, order) for slot, order in orders.items())]
    run_script(start, symbols, folder, script, memory=f"{rng.randrange(48, 160)}M")


@pytest.mark.points(5, exercise=3, stays="all memory goes out and comes back")
def test_everything_comes_back(start, symbols, folder, rng):
    """When all memory was taken and is given back in any order, it is whole again."""
    takes = exhausting(rng, [0, 0, 1, 2, 3, 5], 900)
    gives = [("give", slot, order) for _, slot, order in takes]
    rng.shuffle(gives)
    run_script(start, symbols, folder, takes + gives, memory=f"{rng.randrange(16, 40)}M")


INSTRUCTIONS = 1200
SEGMENTS, PAIRS = 16, 50  # stretches that are timed, and the gives and takes in each


def cost_of_an_operation(start, symbols, folder, rng) -> tuple[int, int]:
    """Instructions of a take or give among many free single pages, and how many those are.

    An instruction is a nanosecond. The least of several stretches: at each stop QEMU lets guest time go
    on until the hart runs again, which on a loaded host takes a while.
    """
    pages = 8000
    lines = [host.take(slot, 0) for slot in range(pages)]
    lines += [host.give(slot, 0) for slot in range(0, pages, 2)]
    timed = rng.sample(range(1, pages, 2), SEGMENTS * PAIRS)  # each takes two pages from the longest list
    for number, slot in enumerate(timed):
        lines += [] if number % PAIRS else [host.stop()]
        lines += [host.give(slot, 0), host.take(slot, 0)]
    guest = Guest(start, symbols, folder, lines, icount="shift=0", memory="64M")
    before = guest.look_at_stop()
    if not any(len(blocks) > 500 for blocks in before.free.values()):
        fail(f"after every second page was given back the lists are too short: {table(before.free)}")
    costs = []
    for _ in range(SEGMENTS):
        began = guest.machine.guest_nanoseconds()
        guest.run_to_stop()
        costs.append((guest.machine.guest_nanoseconds() - began) // (2 * PAIRS))
    return min(costs), len(before.free[0])


@pytest.mark.points(3, exercise=3)
def test_cost_does_not_grow_with_the_lists(start, symbols, folder, rng):
    """With thousands of free blocks a take and a give still cost some hundred instructions."""
    cost, free = cost_of_an_operation(start, symbols, folder, rng)
    for _ in range(2):  # what a search costs, it costs each time
        if cost > INSTRUCTIONS:
            cost = min(cost, cost_of_an_operation(start, symbols, folder, rng)[0])
    if cost > INSTRUCTIONS:
        fail(
            f"with {free} free single pages an operation costs {cost} instructions, "
            f"more than {INSTRUCTIONS}",
            "no list needs to be searched: the buddy is found by its index, and its descriptor "
            "tells whether it is free",
        )
