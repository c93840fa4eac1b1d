"""What a program has drawn on a terminal: the few control sequences that goose's programs use.

    with Terminal([str(program), "file"], cwd=folder) as terminal:
        terminal.send("hello")
        terminal.wait_for(lambda screen: "hello" in screen.lines[0])

Every wait has a limit, and fails with the screen as it is.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from grading.timing import scaled

SEQUENCE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])")


class Screen:
    """The cells and the cursor. What it does not know is an error: no test passes by accident."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.row = self.column = 0
        self.cells = [[" "] * columns for _ in range(rows)]
        self.is_alternate = False
        self._pending = ""

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.cells]

    def feed(self, text: str) -> None:
        text = self._pending + text
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._put(text[at])
                at += 1
            elif found := SEQUENCE.match(text, at):
                self._control(found[1], found[2])
                at = found.end()
            else:
                break  # the rest is still to come
        self._pending = text[at:]
        assert len(self._pending) < 20, f"unknown control sequence: {self._pending!r}"

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row = min(self.row + 1, self.rows - 1)
        elif character >= " ":
            assert self.column < self.columns, f"{character!r} is written behind the border"
            self.cells[self.row][self.column] = character
            self.column += 1

    def _control(self, numbers: str, letter: str) -> None:
        values = [int(n) for n in numbers.lstrip("?").split(";") if n]
        if letter == "H":
            row, column = values or (1, 1)
            assert 0 < row <= self.rows and 0 < column <= self.columns, f"cursor to {values}"
            self.row, self.column = row - 1, column - 1
        elif letter == "K":
            self.cells[self.row][self.column :] = [" "] * (self.columns - self.column)
        elif letter == "J":
            first = 0 if values == [2] else self.row + 1
            if values != [2]:
                self._control("", "K")
            for row in range(first, self.rows):
                self.cells[row] = [" "] * self.columns
        elif letter in "hl":
            self.is_alternate = letter == "h" if numbers == "?1049" else self.is_alternate
        else:
            assert letter == "m", f"unknown control sequence {numbers}{letter}"


class Terminal:
    """A program on a pseudo-terminal, gone when the block ends."""

    def __init__(
        self, words: Sequence[str], cwd: Path, rows: int = 12, columns: int = 60, env: dict[str, str] | None = None
    ) -> None:
        self.screen = Screen(rows, columns)
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            self._resize(0, rows, columns)
            os.execve(words[0], list(words), {"TERM": "xterm", **(env or {})})
        self._status: int | None = None

    @staticmethod
    def _resize(fd: int, rows: int, columns: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, rows: int, columns: int) -> None:
        self.screen = Screen(rows, columns)
        self._resize(self._fd, rows, columns)

    def send(self, text: str | bytes) -> None:
        os.write(self._fd, text.encode() if isinstance(text, str) else text)

    def attributes(self) -> list[object]:
        return termios.tcgetattr(self._fd)

    def _read(self, seconds: float) -> bool:
        """Takes what has been drawn; False where nothing came or nobody draws any more."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.screen.feed(self._decoder.decode(data))
        return bool(data)

    def wait_for(self, holds: Callable[[Screen], bool], seconds: float = 10) -> Screen:
        """Until it holds with nothing more to be drawn."""
        end = time.monotonic() + scaled(seconds)
        while True:
            more = self._read(0.05)
            if not more and holds(self.screen):
                return self.screen
            if time.monotonic() > end:
                shown = "\n".join(f"|{line}" for line in self.screen.lines)
                cursor = f"cursor at row {self.screen.row}, column {self.screen.column}"
                pytest.fail(f"not on the screen within {seconds} s; seen, {cursor}:\n{shown}")

    def wait_stopped(self, seconds: float = 10) -> int:
        return self._wait(os.WUNTRACED, seconds)

    def wait_end(self, seconds: float = 10) -> int:
        """The exit status, or minus the signal."""
        self._status = status = self._wait(0, seconds)
        while self._read(0):  # what it drew last, between our look and its end
            pass
        return os.waitstatus_to_exitcode(status)

    def _wait(self, options: int, seconds: float) -> int:
        end = time.monotonic() + scaled(seconds)
        while time.monotonic() < end:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG | options)
            if pid:
                return status
        pytest.fail(f"still running after {seconds} s:\n" + "\n".join(self.screen.lines))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)
