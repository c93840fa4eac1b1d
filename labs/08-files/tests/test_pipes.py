"""Lab 8, exercises 5 and 6: descriptors and pipes. What the calls return must follow from the
random input; how many files stay open, the host reads from the kernel's memory."""

from __future__ import annotations

import random

import pytest
from files_host import EAGAIN, EBADF, EINTR, EINVAL, EPIPE, SIGPIPE, Launcher

from grading.symbols import Symbols
from labs.foretold import FNV_START, Numbers, fnv, new_input
from labs.grade import check

PAGE, PIPE_BUF, CAPACITY = 4096, 4096, 65536


# --- exercise 5 -----------------------------------------------------------------------------------


class Descriptors:
    """A table of descriptors: each number leads to an open file with a position."""

    def __init__(self) -> None:
        console = [0]
        self.table: dict[int, list[int]] = {0: console, 1: console, 2: console}
        self.close_on_exec: dict[int, int] = {}

    def lowest(self) -> int:
        return next(fd for fd in range(1024) if fd not in self.table)

    def put(self, fd: int, file: list[int], flag: int = 0) -> int:
        self.table[fd], self.close_on_exec[fd] = file, flag
        return fd

    def dup3(self, old: int, new: int, flags: str) -> int:
        if flags == "bad" or old == new:
            return -EINVAL
        if old not in self.table or not 0 <= new < 1024:
            return -EBADF
        return self.put(new, self.table[old], int(flags == "cloexec"))

    def step(self, what: int, fd: int, other: int, value: int) -> tuple[int, str]:
        """One step of user/doubles.c: its result, and how to call it."""
        if what == 0:
            return self.put(self.lowest(), [0]), "open()"
        if what <= 6 and what != 1:
            flags = "cloexec" if value % 4 == 0 else "bad" if value % 16 == 1 else "none"
            return self.dup3(fd, other, flags), f"dup3({fd}, {other}), flags: {flags}"
        if fd not in self.table:
            return -EBADF, f"a call on descriptor {fd}, which is not open"
        file = self.table[fd]
        if what == 1:
            return self.put(self.lowest(), file), f"dup({fd})"
        if what <= 8:
            del self.table[fd]
            return 0, f"close({fd})"
        if what <= 10:
            count = 1 + value % 60
            file[0] += count
            return count, f"write({fd}) of {count} bytes"
        if what == 11:
            return self.close_on_exec.get(fd, 0), f"fcntl({fd}, F_GETFD)"
        return file[0], f"the position of descriptor {fd}"


@pytest.mark.points(4, exercise=5)
def test_descriptors_share_their_file(
    launch: Launcher, symbols: Symbols, rng: random.Random
) -> None:
    """dup3 makes a number lead to the same open file and closes what was there; no file is left."""
    seed, count = new_input(rng), rng.randint(300, 400)
    _, at_first = launch.open_files(symbols, "doubles", seed, 0)
    lines, open_files = launch.open_files(symbols, "doubles", seed, count)
    numbers, model = Numbers(seed), Descriptors()
    for index in range(count):
        what = numbers.below(14)
        fd, other, value = 3 + numbers.below(12), 3 + numbers.below(12), numbers.next()
        if numbers.below(14) == 0:
            fd = -1 if value % 2 else 1000000
        if numbers.below(20) == 0:
            other = -1 if value % 2 else 1024 + value % 5
        if numbers.below(20) == 0:
            other = fd
        result, about = model.step(what, fd, other, value)
        check(
            f"the result of call {index}, {about}",
            seen=lines[index] if index < len(lines) else None,
            expected=f"{index} {result}",
            why="both numbers have one position; EINVAL for flags other than O_CLOEXEC and for "
            "equal numbers, EBADF for numbers that are not open or out of range; the flag is the "
            "new number's",
        )
    kept = {id(file) for file in model.table.values()} - {id(model.table[0])}
    check(
        "open files in the kernel's memory (live_files), beside those at the start",
        seen=open_files - at_first,
        expected=len(kept),
        why="what dup3 replaces is closed: its reference must be dropped",
    )


# --- exercise 6 -----------------------------------------------------------------------------------


def draw_size(numbers: Numbers) -> int:
    kind = numbers.below(8)
    bounds = {0: (0, 3), 1: (4090, 12), 2: (65530, 12), 3: (0, 160 * 1024)}
    start, bound = bounds.get(kind, (0, 9000))
    return start + numbers.below(bound)


@pytest.mark.points(5, exercise=6)
def test_a_pipe_holds_what_fits(launch: Launcher, rng: random.Random) -> None:
    """Without waiting: reads and writes move what they can, and EAGAIN says that it is nothing."""
    seed, count = new_input(rng), rng.randint(150, 200)
    lines = launch.lines("ring", seed, count)
    numbers, inside, sent, value = Numbers(seed), bytearray(), 0, FNV_START
    for index in range(count):
        writes, size = numbers.below(2), draw_size(numbers)
        about = f"write of {size} bytes into a pipe with {len(inside)}"
        if writes:
            result = 0
            while (left := size - result) > 0:
                room = CAPACITY - len(inside)
                if room < min(left, PIPE_BUF) and not (left > PIPE_BUF and room > 0):
                    break
                part = min(left, room)
                inside += bytes((sent + k) * 167 >> 3 & 0xFF for k in range(part))
                sent, result = sent + part, result + part
            result = result if result or size == 0 else -EAGAIN
        else:
            about = f"read of {size} bytes from a pipe with {len(inside)}"
            result = min(size, len(inside)) if inside or size == 0 else -EAGAIN
            value = fnv(inside[: max(result, 0)], value)
            del inside[: max(result, 0)]
        check(
            f"call {index}, {about}: result, bytes inside afterwards, hash of all that came out",
            seen=lines[index] if index < len(lines) else None,
            expected=f"{index} {result} {len(inside)} {value:x}",
            why="a read returns what is there; up to PIPE_BUF bytes are written whole or not at "
            "all, more may be cut; EAGAIN is only for a call that has moved nothing",
        )


def expected_stream(seed: int, kind: int, count: int, writer: int) -> tuple[int, int]:
    """What the reader of user/stream.c counts and hashes of one writer."""
    numbers = Numbers(seed + 1 + writer)
    if kind == 0:
        value = FNV_START
        for number in range(count):
            size = PIPE_BUF - numbers.below(1200) if numbers.below(4) else 8 + numbers.below(200)
            start = number * 31 + writer
            body = pattern(start, size)
            value = fnv(writer.to_bytes(2, "little") + size.to_bytes(2, "little")
                        + number.to_bytes(4, "little") + body[8:], value)  # fmt: skip
            numbers.below(8)
        return count, value
    data = b""
    for _ in range(count):
        size = numbers.below(200 * 1024) + 1 if numbers.below(3) == 0 else numbers.below(9000) + 1
        data += pattern(len(data), size)
    return len(data), fnv(data)


PATTERN = bytes(n * 167 >> 4 & 0xFF for n in range(4096))  # it repeats after 4096 bytes


def pattern(start: int, size: int) -> bytes:
    whole = PATTERN[start % 4096 :] + PATTERN * (size // 4096 + 1)
    return whole[:size]


@pytest.mark.points(5, exercise=6)
@pytest.mark.parametrize("kind", [0, 1], ids=["records", "pieces"])
def test_writers_and_readers_wait_for_each_other(
    launch: Launcher, rng: random.Random, kind: int
) -> None:
    """A full pipe, a slow reader: nobody sleeps too long, no small write is torn, no byte lost."""
    seed, count = new_input(rng), rng.randint(60, 80) if kind == 0 else rng.randint(16, 20)
    lines = launch.lines("stream", seed, kind, count)
    writers = 2 + Numbers(seed).below(3) if kind == 0 else 1
    check(
        "records torn, reads that returned 0 too early, writes that wrote less than all",
        seen=lines[1],
        expected="torn 0 early 0 short 0",
        why="a write of up to PIPE_BUF bytes waits until all of it has room; a longer one goes on "
        "until all is written",
    )
    left = lines[0].split()
    sleepers = "the reader" if left[7:8] == ["1"] else "writers"
    check(
        "processes that sleep for ever",
        seen=f"{left[1]}, with {left[5]} bytes in the pipe" if left[1] != "0" else "0",
        expected="0",
        why=f"{sleepers} should have been woken: who takes bytes out wakes a writer as soon as "
        "PIPE_BUF bytes have room, who puts some in wakes a reader, and the woken wake the next",
    )
    for writer in range(writers):
        total, value = expected_stream(seed, kind, count, writer)
        check(f"how much came from writer {writer}, and the hash over it", seen=lines[2 + writer],
              expected=f"from {writer} {total} {value:x}")  # fmt: skip


class Ends:
    """The scenarios of user/ends.c."""

    NAMES = ["end of file", "no reader", "the reader goes", "bytes come", "a signal comes"]

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def end_of_file(self) -> str:
        size = 0 if self.numbers.below(3) == 0 else 1 + self.numbers.below(60000)
        copies = self.numbers.below(3)
        text = f" wrote {size}" + (f" read {size}" if size else "")
        return text + " reader asleep" * copies + " reader 0 then 0 then 0"

    def no_reader(self) -> str:
        how = self.numbers.below(3)
        self.numbers.below(70000)
        return f" writer killed {SIGPIPE}" if how == 2 else f" write {-EPIPE} handled {how}"

    def reader_goes(self) -> str:
        before = CAPACITY if self.numbers.below(2) else self.numbers.below(65536)
        self.numbers.below(60000)
        room = CAPACITY - before
        result = room if room >= PIPE_BUF else -EPIPE
        return f" wrote {before} writer asleep writer {result}"

    def bytes_come(self) -> str:
        wanted, size = 1 + self.numbers.below(100000), 1 + self.numbers.below(65000)
        return f" reader asleep wrote {size} reader {min(wanted, size)}"

    def signal_comes(self) -> str:
        reads, restarts = self.numbers.below(2), self.numbers.below(2)
        before = CAPACITY if self.numbers.below(2) else self.numbers.below(61000)
        self.numbers.below(60000)
        again = "asleep" if restarts else f"{-EINTR}"
        if reads:
            return f" reader {again}"
        room = CAPACITY - before
        return f" wrote {before} writer {room if room >= PIPE_BUF else again}"

    def line(self, index: int) -> tuple[str, str]:
        which = self.numbers.below(5)
        scenarios = [self.end_of_file, self.no_reader, self.reader_goes, self.bytes_come,
                     self.signal_comes]  # fmt: skip
        return f"{index} scenario {which}:{scenarios[which]()} .", self.NAMES[which]


WHY = {
    "end of file": "0 is the end: nothing is left and the last writer is gone, not earlier",
    "no reader": "a write without readers sends SIGPIPE and, if that kills nobody, is EPIPE (32)",
    "the reader goes": "a writer that sleeps is woken when the last reader goes; what it has "
    "written is written: only a call that wrote nothing fails",
    "bytes come": "a reader sleeps until something is there, and takes what is there, not more",
    "a signal comes": "the wait is interruptible: EINTR (4), unless a part has been written",
}


@pytest.mark.points(5, exercise=6)
def test_ends_of_pipes(launch: Launcher, symbols: Symbols, rng: random.Random) -> None:
    """End of file, EPIPE, signals and partial writes come when they should; no file stays open."""
    seed, count = new_input(rng), rng.randint(40, 50)
    _, at_first = launch.open_files(symbols, "ends", seed, 0)
    lines, open_files = launch.open_files(symbols, "ends", seed, count)
    ends = Ends(Numbers(seed))
    for index in range(count):
        expected, name = ends.line(index)
        check(
            f"scenario {index}, {name}: what the calls returned",
            seen=lines[index] if index < len(lines) else None,
            expected=expected,
            why=WHY[name],
        )
    check("open files in the kernel's memory (live_files) after all, beside those at the start",
          seen=open_files - at_first, expected=0)  # fmt: skip
