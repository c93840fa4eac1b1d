"""Lab 9, exercises 5 to 7: the block cache. How often the disk is read counts QEMU; what must be in
the cache follows from the clock that the handout describes."""

from __future__ import annotations

import disk_host as host
import pytest
from disk_host import ERROR, Guest, line

from labs.grade import check

BLOCKS = 8000
CAPACITY = 64


class Clock:
    """The cache as the handout promises it: which blocks there are, and when the disk is read."""

    def __init__(self) -> None:
        self.ring: list[int] = []
        self.used: dict[int, bool] = {}
        self.held: set[int] = set()
        self.misses = 0

    def get(self, block: int) -> None:
        if block in self.used:
            self.used[block] = True
            return
        self.misses += 1
        if len(self.ring) >= CAPACITY:
            self._evict()
        self.ring.append(block)
        self.used[block] = True

    def _evict(self) -> None:
        for _ in range(2 * len(self.ring)):
            block = self.ring.pop(0)
            if block not in self.held and not self.used[block]:
                del self.used[block]
                return
            if block not in self.held:
                self.used[block] = False
            self.ring.append(block)


@pytest.mark.points(7, exercise=5)
def test_blocks_are_read_once(start, symbols, folder, rng):
    """However many threads want a block at once, the disk is asked once; all see its contents."""
    lines, expected = [line(host.OPEN, count=256)], [0]
    blocks = rng.sample(range(64, BLOCKS), 40)
    readers = [rng.randrange(2, 9) for _ in blocks]
    lines.append(line(host.STOP))
    for block, count in zip(blocks, readers):
        lines.append(line(host.READERS, block, count))
    lines += [line(host.GET, block) for block in blocks]
    guest = Guest(start, symbols, folder, rng, lines)
    guest.run_to_stop()
    before = guest.requests("rd")
    guest.slow_down()
    guest.run_to_stop("whoever fills the block wakes all that wait for it")
    sums = [guest.model.sum(2 * block, 2) for block in blocks]
    results = guest.results(len(lines))[2:]
    for n, (value, count) in enumerate(zip(sums, readers)):
        expected = 0
        for _ in range(count):
            expected = (expected * 31 + value) & host.MASK
        check(
            f"what {count} threads read together in block {blocks[n]}",
            seen=results[n],
            expected=expected,
            why="a thread that finds the block being filled waits until it is ready",
        )
        check(f"block {blocks[n]} once more", seen=results[len(blocks) + n], expected=value)
    check(
        f"read requests that QEMU counted for {len(blocks)} blocks",
        seen=guest.requests("rd") - before,
        expected=len(blocks),
        why="one thread fills the block; the others wait for it, and later ones find it",
    )


@pytest.mark.points(5, exercise=5)
def test_a_block_that_cannot_be_read(start, symbols, folder, rng):
    """EIO for a bad block, every time; what is overwritten needs no reading; others are not hurt."""
    bad = rng.randrange(100, 4000)
    rules = f'[inject-error]\nevent = "none"\niotype = "read"\nerrno = "5"\nsector = "{2 * bad}"\n'
    lines = [
        line(host.OPEN, count=CAPACITY),
        line(host.GET, bad),
        line(host.GET, bad),
        line(host.GET, bad + 1),
        line(host.GET, 1 << 40),
        line(host.CHANGE, bad + 5, slot=3),
        line(host.GET, bad + 5),
    ]
    guest = Guest(start, symbols, folder, rng, lines, blkdebug=rules)
    guest.run_to_stop()
    good = guest.model.sum(2 * bad + 2, 2)
    guest.model.write(2 * bad + 10, 2, 3)
    # The probe stamps a block's bytes sector by sector.
    changed = guest.model.sum(2 * bad + 10, 2)
    error = ERROR | host.EIO
    names = ("open", "bad block", "bad block again", "its neighbour", "outside the disk", "", "changed")
    expected = (0, error, error, good, error, 0, changed)
    for name, seen, wanted in zip(names, guest.results(len(lines)), expected):
        check(
            f"what reading gave: {name}",
            seen=seen,
            expected=wanted,
            why="a block whose filling failed is not ready: the next reader tries again",
        )


def clock_script(rng, rounds: int) -> list[int]:
    hot = rng.sample(range(64, BLOCKS), 30)
    cold = rng.sample(range(64, BLOCKS), 400)
    return [rng.choice(hot) if rng.random() < 0.6 else rng.choice(cold) for _ in range(rounds)]


@pytest.mark.points(8, exercise=6)
def test_the_clock_keeps_what_is_used(start, symbols, folder, rng):
    """After random reads exactly those went to the disk which the clock of the handout asks for."""
    reads = clock_script(rng, 1500)
    lines = [line(host.OPEN, count=CAPACITY), line(host.STOP)]
    lines += [line(host.GET, block) for block in reads]
    guest = Guest(start, symbols, folder, rng, lines)
    guest.run_to_stop()
    before = guest.requests("rd")
    guest.run_to_stop()
    model = Clock()
    for n, block in enumerate(reads):
        model.get(block)
        if guest.results(len(lines))[2 + n] != guest.model.sum(2 * block, 2) and n < 200:
            check(f"contents of block {block}", seen="others", expected="those of the disk")
    check(
        f"reads of the disk for {len(reads)} blocks wanted",
        seen=guest.requests("rd") - before,
        expected=model.misses,
        why="the hand stands still between two evictions; a block used since the last pass is "
        "spared once, and its mark taken away",
    )


@pytest.mark.points(6, exercise=6)
def test_held_and_changed_blocks_stay(start, symbols, folder, rng):
    """Blocks that somebody holds are never evicted; changed ones are written before they go."""
    blocks = rng.sample(range(64, BLOCKS), 500)
    kept, changed, others = blocks[:20], blocks[20:120], blocks[120:]
    lines = [line(host.OPEN, count=CAPACITY)]
    lines += [line(host.HOLD, block, slot=n) for n, block in enumerate(kept)]
    lines += [line(host.CHANGE, block, slot=block) for block in changed]
    lines += [line(host.GET, block) for block in others]
    lines += [line(host.BLOCKS), line(host.STOP)]
    lines += [line(host.GET, block) for block in kept]
    lines.append(line(host.STOP))
    lines += [line(host.GET, block) for block in changed]
    guest = Guest(start, symbols, folder, rng, lines)
    guest.run_to_stop()
    first = len(lines) - len(changed) - len(kept) - 3
    check("blocks in the cache", seen=guest.results(first + 1)[first], expected=CAPACITY)
    before = guest.requests("rd")
    guest.run_to_stop()
    check(
        "reads of the disk for blocks that are held",
        seen=guest.requests("rd") - before,
        expected=0,
        why="a block with more holders than the cache itself is in use, and stays",
    )
    for block in changed:
        guest.model.write(2 * block, 2, block)
    guest.run_to_stop()
    results = guest.results(len(lines))[-len(changed) :]
    wrong = [b for b, seen in zip(changed, results) if seen != guest.model.sum(2 * b, 2)]
    check(
        "changed blocks that have lost their change",
        seen=wrong,
        expected=[],
        why="a dirty block is not a victim before it has been written",
    )


@pytest.mark.points(5, exercise=7)
def test_sync_writes_and_flushes(start, symbols, folder, rng):
    """After each sync the image holds all changes; each block is written once, then flushed."""
    lines, rounds = [line(host.OPEN, count=256)], []
    for n in range(4):
        blocks = rng.sample(range(64, BLOCKS), rng.randrange(5, 60))
        rounds.append(blocks)
        lines += [line(host.CHANGE, block, slot=n + 1) for block in blocks]
        lines += [line(host.STOP), line(host.SYNC), line(host.STOP)]
    guest = Guest(start, symbols, folder, rng, lines, log=True)
    for n, blocks in enumerate(rounds):
        guest.run_to_stop()
        before, flushes = len(guest.events()), guest.requests("flush")
        guest.run_to_stop()
        events = guest.events()[before:]
        for block in blocks:
            guest.model.write(2 * block, 2, n + 1)
        guest.model.compare(guest.image, f"after sync {n}", "sync writes back what is dirty")
        written = sorted(s for kind, first, size in events for s in range(first, first + size))
        wanted = sorted(s for block in blocks for s in (2 * block, 2 * block + 1))
        check("sectors in the log of writes", seen=written, expected=wanted, why="each once")
        # QEMU flushes by itself when it stops, so the log cannot tell: its statistics can.
        check(
            "flushes that the guest has asked for",
            seen=guest.requests("flush") - flushes,
            expected=1,
            why="only a flush after the last write makes it safe",
        )


@pytest.mark.points(2, exercise=7)
def test_a_sync_that_fails_says_so(start, symbols, folder, rng):
    """EIO where a block cannot be written, and where the device cannot flush."""
    bad, good = (4 * n for n in rng.sample(range(64, BLOCKS // 4), 2))
    rules = {
        "write": f'iotype = "write"\nerrno = "5"\nsector = "{2 * bad}"\n',
        "flush": 'iotype = "flush"\nerrno = "5"\n',
    }
    for kind, rule in rules.items():
        lines = [line(host.OPEN, count=CAPACITY)]
        lines += [line(host.CHANGE, block, slot=7) for block in (bad, good)]
        lines.append(line(host.SYNC))
        rule = f'[inject-error]\nevent = "none"\n{rule}'
        guest = Guest(start, symbols, folder, rng, lines, blkdebug=rule)
        guest.run_to_stop()
        check(
            f"what sync gave where a {kind} fails",
            seen=guest.results(4)[3],
            expected=ERROR | host.EIO,
            why="both steps can fail, and whoever called must hear of it",
        )
        guest.model.write(2 * good, 2, 7)
        if kind == "flush":
            guest.model.write(2 * bad, 2, 7)
        guest.model.compare(guest.image, f"where a {kind} fails", "the others are written")
