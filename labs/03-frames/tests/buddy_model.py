"""A buddy allocator's free blocks as the contract has them, told what the kernel chose.

The contract leaves open which of several blocks of one order is taken and which of its halves is
kept; so the model is told the page that the kernel gave and says whether that was right.
"""

from __future__ import annotations

from collections.abc import Iterable

from frames_host import MAX_ORDER, PAGE, STATES, USED, Snapshot

from labs.grade import check, fail

MiB = 1 << 20


def blocks_of(pages: Iterable[int]) -> dict[int, set[int]]:
    """The fewest aligned blocks, of at most 2^10 pages, that make up these pages."""
    left = set(pages)
    found: dict[int, set[int]] = {order: set() for order in range(MAX_ORDER + 1)}
    for page in sorted(left):
        if page not in left:
            continue
        order = 0
        while order < MAX_ORDER and page % (2 << order) == 0:
            if not all(page + i in left for i in range(1 << order, 2 << order)):
                break
            order += 1
        found[order].add(page)
        left.difference_update(range(page, page + (1 << order)))
    return found


def table(free: dict[int, set[int]]) -> str:
    """How many blocks of each order, for messages."""
    return " ".join(f"{order}:{len(free[order])}" for order in range(MAX_ORDER + 1))


def pages_in_words(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


class Model:
    """The free blocks, and those that are taken."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.free = {order: set(blocks) for order, blocks in snapshot.free.items()}
        self.live: dict[int, int] = {}  # first page: order

    def took(self, order: int, address: int, line: int) -> None:
        """The kernel took a block of this order and gave this address, or 0."""
        what = f"line {line} of the script, a block of order {order},"
        fits = next((n for n in range(order, MAX_ORDER + 1) if self.free[n]), None)
        if address == 0:
            if fits is not None:
                fail(
                    f"{what} got null, but a block of order {fits} is free",
                    "the search stops before the last order, or blocks were lost on the way",
                )
            return
        page = address // PAGE
        if fits is None:
            fail(f"{what} got {address:#x}, but no free block is large enough")
        if page % (1 << order):
            fail(f"{what} got {address:#x}, which is not aligned to its size")
        whole = page >> fits << fits
        if whole not in self.free[fits]:
            fail(f"{what} got {address:#x}, {self._place(page)}", self._reason(page, fits))
        self.free[fits].remove(whole)
        for n in range(fits - 1, order - 1, -1):  # the half without `page` stays free
            self.free[n].add((page >> n ^ 1) << n)
        self.live[page] = order

    def _place(self, page: int) -> str:
        for first, order in self.live.items():
            if first <= page < first + (1 << order):
                return f"which lies in the block of order {order} at {first * PAGE:#x}, still taken"
        for order, blocks in self.free.items():
            if page >> order << order in blocks:
                return f"which is from a free block of order {order}"
        return "which was not free"

    def _reason(self, page: int, fits: int) -> str:
        if any(page >> n << n in blocks for n, blocks in self.free.items()):
            return (
                f"the smallest free block that fits is split, and by the lines before there must be "
                f"one of order {fits}. If the tests of exercise 2 pass: one of these lines has spoiled "
                "the lists; a block unites only with a buddy that is free as a whole, with the same order"
            )
        return "a block was given out twice: it stayed in a list, or its halves were wrong"

    def gave(self, address: int) -> None:
        """The block at `address` is given back."""
        page = address // PAGE
        order = self.live.pop(page)
        while order < MAX_ORDER and (page >> order ^ 1) << order in self.free[order]:
            self.free[order].remove((page >> order ^ 1) << order)
            order += 1
            page = page >> order << order
        self.free[order].add(page)

    def compare(self, seen: Snapshot, when: str) -> None:
        """Fails unless the lists in guest memory are the model's."""
        if all(seen.free[order] == self.free[order] for order in range(MAX_ORDER + 1)):
            return
        for order in range(MAX_ORDER):
            for page in sorted(seen.free[order] - self.free[order]):
                if (buddy := page ^ 1 << order) in seen.free[order]:
                    low, high = sorted((page * PAGE, buddy * PAGE))
                    fail(
                        f"{low:#x} and {high:#x} are two buddies of order {order}, and both free {when}",
                        "two buddies of one order are never both free: they unite at once, and the "
                        "block that they make with its own buddy, up to the largest order",
                    )
        pages = {p + i for n, blocks in self.free.items() for p in blocks for i in range(1 << n)}
        lost, more = pages - seen.free_pages(), seen.free_pages() - pages
        if lost:
            fail(
                f"{pages_in_words(len(lost))} lost {when}: {min(lost) * PAGE:#x} should be in a free "
                "block and is in none",
                "each time a block is halved, one half is kept and the other becomes free; and a "
                "block unites only with a buddy that is free as a whole, with the same order",
            )
        if more:
            fail(f"page {min(more) * PAGE:#x} is in a free block {when}, but it is not free")
        for order in range(MAX_ORDER + 1):
            if seen.free[order] != self.free[order]:
                fail(
                    f"the free blocks {when} (order:number)\n  expected: {table(self.free)}\n"
                    f"  seen:     {table(seen.free)}",
                    "what a split leaves free is as few blocks as can be, and two buddies of one "
                    "order unite at once",
                )

    def check_descriptors(self, seen: Snapshot) -> None:
        """The first descriptor of each taken block must say so."""
        for page, order in self.live.items():
            found = seen.descriptor(page)
            check(
                f"the descriptor of the block of order {order} taken at {page * PAGE:#x}",
                seen=f"{found.name()}, order {found.order}",
                expected=f"{STATES[USED]}, order {order}",
                why="a block that was split is smaller than its descriptor said before",
            )
