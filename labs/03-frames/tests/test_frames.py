"""Lab 3: page frames. The host reads lists and descriptors from guest memory and compares them with
a model of its own; the kernel runs random scripts (kernel/frames_probe.cc) and prints nothing."""

from __future__ import annotations

import frames_host as host
import pytest
from buddy_model import Model, blocks_of, table
from frames_host import MAX_ORDER, PAGE, Guest
from machine_tree import Range, read_tree

from labs.grade import check, fail

# Helpers of exercise 1.


def owners(guest: Guest) -> tuple[list[Range], list[Range]]:
    """RAM, and what of it is taken before the allocator starts, by the host's own reading."""
    guest.run_to("kernel_main")
    memory, taken = read_tree(guest.machine.read_memory, guest.machine.gdb.read_register("a1"))
    first, last, stage = (
        guest.address(name) - host.LINEAR for name in ("kernel_start", "kernel_end", "boot_stage")
    )
    taken += [Range(first, last - first, "the kernel"), Range(stage, PAGE, "the boot stage")]
    return memory, taken


def pages_touched(area: Range) -> range:
    return range(area.start // PAGE, -(-area.end // PAGE))


def pages_inside(area: Range) -> range:
    return range(-(-area.start // PAGE), area.end // PAGE)


def check_free(guest: Guest) -> None:
    """After initialise_frames() exactly those pages are free that nobody has."""
    memory, taken = owners(guest)
    after = guest.run_past("initialise_frames")
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
            f"{len(lost)} pages of RAM belong to nobody and are in no free block: the first is "
            f"{min(lost) * PAGE:#x}, the last {max(lost) * PAGE:#x}; RAM is "
            + ", ".join(f"{area.start:#x} to {area.end - 1:#x}" for area in memory),
            "a Run ends with the page after its last one; each range of RAM counts",
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
        check_free(Guest(start, symbols, folder, memory=memory, initrd=odd_initrd(folder, rng)))


@pytest.mark.points(3, exercise=1)
def test_memory_may_be_in_pieces(start, symbols, folder, rng):
    """RAM that the device tree lists in two pieces is free in both."""
    first, second = rng.randrange(24, 60), rng.randrange(8, 40)
    extra = []
    for node, size in enumerate((first, second)):
        extra += ["-object", f"memory-backend-ram,id=m{node},size={size}M"]
        extra += ["-numa", f"node,memdev=m{node},cpus={node}"]
    check_free(Guest(start, symbols, folder, memory=f"{first + second}M", smp=2, extra=extra))


@pytest.mark.points(6, exercise=1)
def test_first_blocks_are_as_large_as_can_be(start, symbols, folder, rng):
    """The first free blocks are the fewest that make up the free pages."""
    guest = Guest(start, symbols, folder, memory=f"{rng.randrange(20, 300)}M")
    seen = guest.run_past("initialise_frames").free
    expected = blocks_of({p + i for n, b in seen.items() for p in b for i in range(1 << n)})
    if seen != expected:
        fail(
            "the first free blocks (order:number)\n"
            f"  expected: {table(expected)}\n  seen:     {table(seen)}",
            "a block is as large as its alignment, the run and the largest order allow",
        )


# Exercises 2 and 3: scripts of takes and gives.


Script = list[tuple[str, int, int]]  # ("take" or "give", slot, order), or ("stop", 0, 0)


def follow(script: Script, results, model: Model, slots: dict[int, int], at: int) -> None:
    """Tells the model what the kernel gave for each of these lines, the first of which is `at`."""
    for number, ((what, slot, order), result) in enumerate(zip(script, results), start=at):
        if what == "take":
            model.took(order, result, number)
            slots[slot] = result
        elif what == "give" and slots.get(slot):
            model.gave(slots.pop(slot))


def run_script(start, symbols, folder, script: Script, **options) -> tuple[Guest, Model]:
    """Runs a script and compares what is free with the model's, at its stops and its end."""
    words = {"take": host.take, "give": host.give, "stop": lambda *_: host.stop()}
    lines = [host.stop()] + [words[what](slot, order) for what, slot, order in script]
    guest = Guest(start, symbols, folder, lines, **options)
    model = Model(guest.run_to_stop())
    slots: dict[int, int] = {}
    done = 0
    while done < len(script):
        seen = guest.run_to_stop()
        step = min(guest.step(), len(script))
        follow(script[done:step], guest.results(step + 1)[done + 1 :], model, slots, done + 1)
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
    script, live, orders = [], [], {}
    for step in range(4000):
        # A damage shows soon, before the kernel stumbles over it.
        if step % (4 if step < 160 else 400) == 0:
            script.append(("stop", 0, 0))
        if live and (len(live) > 120 or rng.random() < 0.47):
            slot = live.pop(rng.randrange(len(live)))
            script.append(("give", slot, orders.pop(slot)))
            continue
        slot = next(n for n in range(len(orders) + 1) if n not in orders)
        orders[slot] = rng.choice((0, 0, 0, 1, 1, 2, 3, 4, rng.randrange(7)))
        live.append(slot)
        script.append(("take", slot, orders[slot]))
    run_script(start, symbols, folder, script, memory=f"{rng.randrange(48, 160)}M")


@pytest.mark.points(5, exercise=3, stays="all memory goes out and comes back")
def test_everything_comes_back(start, symbols, folder, rng):
    """When all memory was taken and is given back in any order, it is whole again."""
    takes = exhausting(rng, [0, 0, 1, 2, 3, 5], 900)
    gives = [("give", slot, order) for _, slot, order in takes]
    rng.shuffle(gives)
    run_script(start, symbols, folder, takes + gives, memory=f"{rng.randrange(16, 40)}M")


INSTRUCTIONS = 1200


@pytest.mark.points(3, exercise=3)
def test_cost_does_not_grow_with_the_lists(start, symbols, folder, rng):
    """With thousands of free blocks a take and a give still cost some hundred instructions."""
    pages = 5000
    lines = [host.take(slot, 0) for slot in range(pages)]
    lines += [host.give(slot, 0) for slot in range(0, pages, 2)]
    timed = rng.sample(range(1, pages, 2), 400)
    for number, slot in enumerate(timed):
        lines += [] if number % 100 else [host.stop()]
        lines += [host.give(slot, 0), host.take(slot, 0)]
    guest = Guest(start, symbols, folder, lines, icount="shift=0", memory="64M")
    before = guest.run_to_stop()
    if not any(len(blocks) > 500 for blocks in before.free.values()):
        fail(f"after every second page was given back the lists are too short: {table(before.free)}")
    # An instruction is a nanosecond. Of four times the least: QEMU may skip time between stops.
    cost = 1 << 63
    for _ in range(4):
        began = guest.machine.guest_nanoseconds()
        guest.run_to("frames_lab_stop")
        cost = min(cost, (guest.machine.guest_nanoseconds() - began) // 200)
    if cost > INSTRUCTIONS:
        fail(
            f"with {len(before.free[0])} free single pages an operation costs {cost} instructions, "
            f"more than {INSTRUCTIONS}",
            "no list needs to be searched: the buddy is found by its index, and its descriptor "
            "tells whether it is free",
        )


# Exercise 4.


def check_owners(before: host.Snapshot, after: host.Snapshot, live: dict[int, int]) -> None:
    """All pages that were free still are, but those of the live blocks."""
    pages = {page + i for page, order in live.items() for i in range(1 << order)}
    was_free = before.free_pages() | set(before.cached)
    is_free = after.free_pages() | set(after.cached)
    if gone := is_free & pages:
        fail(
            f"page {min(gone) * PAGE:#x} is free, but it has an owner",
            "only the last release gives a frame back",
        )
    if lost := was_free - is_free - pages:
        fail(
            f"{len(lost)} pages have no owner and are not free: the first is {min(lost) * PAGE:#x}",
            "the last release gives back all that the block has, not its first frame alone",
        )


@pytest.mark.points(6, exercise=4)
def test_the_last_owner_gives_back(start, symbols, folder, rng):
    """Frames and blocks go back when their last owner lets go, not before, and as a whole."""
    lines, live, slot = [host.stop()], {}, 0
    for _ in range(600):
        if live and (len(live) > 60 or rng.random() < 0.45):
            victim = rng.choice(list(live))
            order, owners_left = live[victim]
            if rng.random() < 0.3:
                lines.append(host.retain(victim))
                live[victim] = order, owners_left + 1
                continue
            whole = owners_left == 1 and order is not None and rng.random() < 0.4
            lines.append(host.free_block(victim, order) if whole else host.release(victim))
            live[victim] = order, owners_left - 1
            if owners_left == 1:
                del live[victim]
            continue
        order = rng.choice((None, None, 0, 1, 3, 4))
        lines.append(host.frame(slot) if order is None else host.block(slot, order))
        live[slot] = order, 1
        slot += 1
    guest = Guest(start, symbols, folder, lines)
    before, after = guest.run_to_stop(), guest.run_to_stop()
    results = guest.results(len(lines))
    taken = [r for r, text in zip(results, lines) if text[0] in (4, 6)]
    if 0 in taken:
        fail("a frame or block of at most 16 frames could not be had, with most of memory free")
    pages = {taken[n] // PAGE: order or 0 for n, (order, _) in live.items()}
    check_owners(before, after, pages)
    for n, (order, count) in live.items():
        found = after.descriptor(taken[n] // PAGE)
        check(
            f"the owners of {taken[n]:#x}", seen=(found.state, found.references), expected=(4, count)
        )


def wrong_frees(rng, kernel: int) -> dict[str, list[bytes]]:
    """What must panic: the lines before the wrong one, which comes last."""
    order = rng.randrange(1, 5)
    other = rng.choice([n for n in range(6) if n != order])
    block = host.block(1, order)
    inner = rng.randrange(1, 1 << order)
    return {
        "a block was freed twice": [block, host.free_block(1, order), host.free_block(1, order)],
        f"a block of order {order} was freed as one of order {other}": [
            block,
            host.free_block(1, other),
        ],
        "a block with two owners was freed": [block, host.retain(1), host.free_block(1, order)],
        "the middle of a block was freed": [
            block,
            host.inside(2, 1, inner),
            host.free_block(2, 0),
        ],
        "a frame of the kernel itself was freed": [
            host.at_address(1, kernel),
            host.free_block(1, 0),
        ],
        "a single frame was released twice": [host.frame(1), host.release(1), host.release(1)],
        "a block was released by more than its owners": [
            block,
            host.retain(1),
            host.release(1),
            host.release(1),
            host.release(1),
        ],
    }


@pytest.mark.points(6, exercise=4)
def test_wrong_frees_panic(start, symbols, folder, rng):
    """Freeing what is not used, not such a block, or still owned by others panics at once."""
    kernel = symbols.address("kernel_start") - host.LINEAR
    for what, wrong in wrong_frees(rng, kernel).items():
        good = []
        for slot in range(10, 10 + rng.randrange(1, 12)):
            order = rng.randrange(4)
            good += [host.block(slot, order), host.free_block(slot, order)]
        guest = Guest(start, symbols, folder, good + wrong)
        where = guest.run_to("panic", "frames_lab_stop")
        if where == "panic" and guest.step() != len(good + wrong) - 1:
            guest.panicked()  # too early
        check(
            f"{what}: the kernel's answer",
            seen="it went on" if where == "frames_lab_stop" else "panic",
            expected="panic",
            why="the descriptor tells: its state, its order, its owners",
        )


# Exercise 5.


@pytest.mark.points(7, exercise=5)
def test_statistics_tell_the_truth(start, symbols, folder, rng):
    """memory_stats() counts what the lists, the caches and the heap's spares really hold."""
    lines, slot, stops = [], 0, 4
    for _ in range(stops):
        for _ in range(rng.randrange(20, 60)):
            kind = rng.randrange(3)
            if kind == 0:
                lines.append(host.block(slot, rng.randrange(6), rng.randrange(6)))
            elif kind == 1:
                lines.append(host.frame(slot, rng.randrange(6)))
            else:
                lines += [host.object_of(slot, rng.randrange(17, 2000)), host.free_object(slot)]
            slot += 1
        lines += [host.stats(), host.stop()]
    guest = Guest(start, symbols, folder, lines)
    for _ in range(stops):
        seen = guest.run_to_stop()
        compare_stats(guest, seen, lines)


def compare_stats(guest: Guest, seen: host.Snapshot, lines: list[bytes]) -> None:
    """The kernel's statistics against the host's own count at the same moment."""
    results = guest.results(guest.step())
    objects = {r // PAGE for r, text in zip(results, lines) if text[0] == 12 and r}
    slabs = [seen.descriptor(page) for page in objects]
    spares = sum(d.state == host.SLAB and d.references == 0 for d in slabs)
    expected = dict(zip(host.USES, seen.used))
    expected["heap"] -= spares
    total, free, used = guest.stats()
    blocks = len(seen.free_pages())
    check(
        f"memory_stats().free ({blocks} pages in free blocks, {len(seen.cached)} in the harts' "
        f"caches, {spares} spare slabs of the heap)",
        seen=free,
        expected=blocks + len(seen.cached) + spares,
        why="everything that nobody uses counts, wherever it is kept; a block of order n has 2^n",
    )
    check(
        "memory_stats().used",
        seen=dict(zip(host.USES, used)),
        expected=expected,
        why="a spare slab is free, so it must not count as the heap's",
    )
    check("the sum of free and used", seen=free + sum(used), expected=total)
