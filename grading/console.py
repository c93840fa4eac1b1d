"""The guest's console: collects every byte, waits for patterns, types.

A thread reads the guest's output as it comes, so the guest never blocks on a slow test. `expect`
waits for a pattern and fails at once, with an excerpt, when a failure pattern (a panic) shows up
or the output ends: no test waits for a time-out to learn that its guest is dead.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grading.errors import GuestEnded, GuestError, GuestOverflow, GuestPanic, GuestTimeout
from grading.timing import Deadline, scaled

# Lines that no healthy guest prints; a log line's time stamp may stand before the word.
FAILURES = (r"^(?:\[[^\]\n]*\] )?(?:kernel )?panic: ",)
LIMIT = 16 << 20
WINDOW = 64 << 10  # no single match is longer than this
EXCERPT_LINES, EXCERPT_WIDTH = 40, 1000
FIRMWARE = re.compile(r"\A.*^Boot HART MEDELEG[^\n]*\n(?=.)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Found:
    """What `expect` found: the text before the match since the last one, the match, its groups."""

    before: str
    text: str
    groups: tuple[str, ...]


def decode(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


class Console:
    """Output is read from the descriptor `output`, and typing goes to the descriptor `input`.

    Both stay the caller's to close, after `join`. `describe` adds the caller's knowledge (command
    line, exit status) to every failure. `process` is the guest's: what it waits for a core is no
    part of a time-out.
    """

    def __init__(
        self,
        output: int,
        input: int,
        *,
        failures: Iterable[str] = FAILURES,
        limit: int = LIMIT,
        log: Path | None = None,
        describe: Callable[[], str] = lambda: "",
        process: int | None = None,
    ) -> None:
        self._output, self._input = output, input
        self._failures = [re.compile(f.encode(), re.MULTILINE) for f in failures]
        self._limit, self._describe, self.process = limit, describe, process
        self._raw, self._clean = bytearray(), bytearray()
        self._position = 0  # everything before it was matched already
        self._ended, self._overflowed = False, False
        self._changed = threading.Condition()
        self._log = log.open("wb") if log else None
        os.set_blocking(input, False)
        self._thread = threading.Thread(target=self._read, daemon=True, name="console")
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                select.select([self._output], [], [])
                data = os.read(self._output, 1 << 16)
            except OSError:  # a pseudo terminal reports the end of its other side as EIO
                data = b""
            with self._changed:
                if len(self._raw) + len(data) <= self._limit:
                    self._keep(data)
                else:
                    self._overflowed = True
                self._ended = not data
                self._changed.notify_all()
            if not data:
                if self._log:
                    self._log.close()
                return

    def _keep(self, data: bytes) -> None:
        if self._log and data:
            self._log.write(data)
            self._log.flush()
        self._raw += data
        # Carriage returns are dropped only before a newline, which may come in the next read.
        # There may be two: one of the guest's, and one that the firmware adds.
        kept = len(self._clean)
        while self._clean[kept - 1 : kept] == b"\r":
            kept -= 1
        data = bytes(self._clean[kept:]) + data
        self._clean[kept:] = re.sub(rb"\r+\n", b"\n", data)

    @property
    def raw(self) -> bytes:
        """Every byte so far, as the guest sent it."""
        with self._changed:
            return bytes(self._raw)

    @property
    def text(self) -> str:
        """Everything so far, with plain newlines."""
        with self._changed:
            return decode(self._clean)

    @property
    def ended(self) -> bool:
        return self._ended

    def join(self, timeout: float) -> bool:
        """Waits for the output's end; says whether it came."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def excerpt(self, lines: int = EXCERPT_LINES) -> str:
        """The last lines, for messages; not OpenSBI's banner if anything came after it."""
        tail = FIRMWARE.sub("", self.text).splitlines()[-lines:]
        return "\n".join(f"  | {line[:EXCERPT_WIDTH]}" for line in tail) or "  | (the console is empty)"

    def send(self, data: str | bytes, timeout: float = 10) -> None:
        """Types. The guest must take the bytes in time; a full pipe is its fault, not ours."""
        left = memoryview(data.encode() if isinstance(data, str) else data)
        deadline = Deadline(timeout, self.process)
        while left:
            _, ready, _ = select.select([], [self._input], [], deadline.left())
            if not ready and deadline.left():
                continue
            if not ready:
                raise self._error(GuestTimeout, f"the guest took no input: {len(left)} bytes wait")
            try:
                left = left[os.write(self._input, left) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._error(GuestEnded, "the guest ended before it took its input") from None

    def expect(self, pattern: str | re.Pattern[str], timeout: float = 10) -> Found:
        """Waits until `pattern` (a multi-line regular expression) comes after the last match.

        `timeout` is in seconds of an unloaded machine. Raises GuestPanic, GuestEnded,
        GuestOverflow or GuestTimeout.
        """
        source = pattern if isinstance(pattern, str) else pattern.pattern
        wanted = re.compile(source.encode(), re.MULTILINE)
        deadline = Deadline(timeout, self.process)
        scanned = self._position
        while True:
            with self._changed:
                size, ended = len(self._clean), self._ended
                received = len(self._raw)
                match = wanted.search(self._clean, scanned)
                failure = self._failure()
                if match and (failure is None or match.start() <= failure):
                    return self._take(match)
            if failure is not None:
                self.join(scaled(3))  # the rest of the panic is worth reading
                raise self._error(GuestPanic, f"the guest panicked; expected {source!r}")
            if ended:
                raise self._error(GuestEnded, f"the output ended; expected {source!r}")
            if self._overflowed:
                raise self._error(GuestOverflow, f"more than {self._limit >> 20} MiB of output")
            scanned = max(scanned, size - WINDOW)
            if not self._wait(received, deadline):
                raise self._error(GuestTimeout, f"no {source!r} within {deadline.seconds:.1f} s")

    @contextmanager
    def hold(self) -> Iterator[Callable[[], int]]:
        """Reads nothing meanwhile: after a page of output the guest finds its line busy.

        Yields a function that tells how many bytes wait. Only for a guest that has said nothing yet.
        """
        fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, 4096)
        with self._changed:
            yield lambda: int.from_bytes(fcntl.ioctl(self._output, termios.FIONREAD, bytes(4)), "little")

    def mark(self) -> None:
        """Forgets what is unmatched: the next `expect` looks only at what comes from now on."""
        with self._changed:
            self._position = len(self._clean)

    def _take(self, match: re.Match[bytes]) -> Found:
        before = decode(self._clean[self._position : match.start()])
        self._position = match.end()
        return Found(before, decode(match[0]), tuple(decode(g or b"") for g in match.groups()))

    def _failure(self) -> int | None:
        """Where the first failure pattern after the last match starts."""
        hits = [f.search(self._clean, self._position) for f in self._failures]
        return min((h.start() for h in hits if h), default=None)

    def _wait(self, received: int, deadline: Deadline) -> bool:
        """Waits for more than `received` bytes, then a moment more, as characters come one by one.

        Bytes as they came: a newline that comes after its carriage return takes its place.
        """
        with self._changed:
            news = False
            while not news and (left := deadline.left()):
                news = self._changed.wait_for(
                    lambda: len(self._raw) > received or self._ended or self._overflowed, left
                )
        if news and not self._ended:
            time.sleep(0.002)
        return news

    def _error(self, kind: type[GuestError], reason: str) -> GuestError:
        return kind(f"{reason}\n{self.excerpt()}\n{self._describe()}".rstrip())
