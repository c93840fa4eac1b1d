"""Lab 3, exercises 4 and 5: who owns a frame, and what is counted. The host reads descriptors, lists
and caches from guest memory after random scripts."""

from __future__ import annotations

import frames_host as host
import pytest
from buddy_model import pages_in_words
from frames_host import PAGE, Guest, Op

from labs.grade import check, fail
from labs.probe import LINEAR

# Exercise 4.

CACHE_SIZE, CACHE_BATCH = 32, 16  # FrameCache of the kernel


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
            f"without an owner, but not free: {pages_in_words(len(lost))}, the first at "
            f"{min(lost) * PAGE:#x}",
            "the last release gives back all that the block has, not its first frame alone",
        )


def cached_after(count: int, singles: list[int]) -> int:
    """How many frames a cache holds after these takes (-1) and returns (1), if it held `count`."""
    for change in singles:
        if change < 0 and count == 0:
            count = CACHE_BATCH
        if change > 0 and count == CACHE_SIZE:
            count -= CACHE_BATCH
        count += change
    return count


@pytest.mark.points(6, exercise=4)
def test_the_last_owner_gives_back(start, symbols, folder, rng):
    """Frames and blocks go back when their last owner lets go, not before, and as a whole."""
    lines, live, slot = [host.stop()], {}, 0
    singles: list[int] = []  # what happens to the hart's cache: -1 a frame is taken, 1 one comes back
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
                singles += [] if order or whole else [1]
                del live[victim]
            continue
        order = rng.choice((None, None, 0, 1, 3, 4))
        lines.append(host.frame(slot) if order is None else host.block(slot, order))
        singles += [-1] if order is None else []
        live[slot] = order, 1
        slot += 1
    guest = Guest(start, symbols, folder, lines)
    before, after = guest.look_at_stop(), guest.look_at_stop()
    results = guest.results(len(lines))
    taken = [r for r, text in zip(results, lines) if text[0] in (Op.BLOCK, Op.FRAME)]
    if 0 in taken:
        fail("a frame or block of at most 16 frames could not be had, with most of memory free")
    pages = {taken[n] // PAGE: order or 0 for n, (order, _) in live.items()}
    check_owners(before, after, pages)
    check(
        "the single frames in the hart's cache",
        seen=len(after.cached),
        expected=cached_after(len(before.cached), singles),
        why="a frame whose last owner lets go waits in the cache, by give_single(); blocks of more than "
        "one frame, and what free_frames() gets, go back to the free lists, by give_block()",
    )
    for n, (order, count) in live.items():
        found = after.descriptor(taken[n] // PAGE)
        check(
            f"the descriptor of {taken[n]:#x}",
            seen=f"{found.name()}, {found.references} owners",
            expected=f"kUsed, {count} owners",
        )


def wrong_frees(rng, kernel: int) -> dict[str, list[bytes]]:
    """What must panic: the lines before the wrong one, which comes last."""
    order = rng.randrange(1, 5)
    other = rng.choice([n for n in range(6) if n != order])
    block = host.block(1, order)
    inner = rng.randrange(1, 1 << order)
    # After so many takes of one order the next one gives the buddy of the last, if none had it before.
    pairs = [host.block(slot, order) for slot in range(40, 60)]
    lower, upper = (host.half(slot, 58, order, bool(slot)) for slot in (0, 1))
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
        "the upper of two buddies was freed once more after both were free": [
            *[*pairs, lower, upper],
            *[host.free_block(0, order), host.free_block(1, order), host.free_block(1, order)],
        ],
        "the upper of two buddies was released once more after both were free": [
            *[*pairs, lower, upper],
            *[host.release(0), host.release(1), host.release(1)],
        ],
    }


@pytest.mark.points(6, exercise=4)
def test_wrong_frees_panic(start, symbols, folder, rng):
    """Freeing what is not used, not such a block, or still owned by others panics at once."""
    kernel = symbols.address("kernel_start") - LINEAR
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
            why="the descriptor tells: its state, its order, its owners; and whoever frees a block leaves "
            "it without any",
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
        lines += [host.stop(), host.stats(), host.stop()]
    guest = Guest(start, symbols, folder, lines)
    for _ in range(stops):
        guest.run_to_stop()
        guest.move_to_other_harts(rng)
        seen = guest.look_at_stop()
        compare_stats(guest, seen, lines)


def compare_stats(guest: Guest, seen: host.Snapshot, lines: list[bytes]) -> None:
    """The kernel's statistics against the host's own count at the same moment."""
    results = guest.results(guest.step())
    objects = {r // PAGE for r, text in zip(results, lines) if text[0] == Op.OBJECT and r}
    slabs = [seen.descriptor(page) for page in objects]
    spares = sum(d.state == host.SLAB and d.references == 0 for d in slabs)
    expected = dict(zip(host.USES, seen.used))
    expected["heap"] -= spares
    total, free, used = guest.stats()
    blocks, cached = len(seen.free_pages()), len(seen.cached)
    right = blocks + cached + spares
    check(
        f"memory_stats().free ({pages_in_words(blocks)} in free blocks, {cached} in the harts' caches, "
        f"{spares} spare slabs of the heap)",
        seen=free,
        expected=right,
        why=why_free(free, seen, spares),
    )
    check(
        "memory_stats().used",
        seen=dict(zip(host.USES, used)),
        expected=expected,
        why="the counters of all harts are added up, and may be negative one by one; a spare slab is "
        "free, so it does not count as the heap's",
    )
    check("the sum of free and used", seen=free + sum(used), expected=total)


def why_free(free: int, seen: host.Snapshot, spares: int) -> str:
    """What is wrong with a count of free frames, if it is one of the usual mistakes."""
    blocks, cached = len(seen.free_pages()), len(seen.cached)
    lists = sum(len(pages) for pages in seen.free.values())
    usual = {
        blocks + spares: "the single frames in all the harts' caches are free too",
        blocks + cached: "the heap's spare slabs are free too",
        blocks: "the single frames in all the harts' caches are free too, and the heap's spare slabs",
        lists + cached + spares: "a block of order n has 2^n frames",
        lists: "a block of order n has 2^n frames; caches and spare slabs count too",
    }
    return usual.get(free, "everything that nobody uses counts, in whichever hart's cache or list it is")
