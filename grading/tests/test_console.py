"""The console engine, on pipes and pseudo terminals instead of a guest."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from collections.abc import Iterator

import pytest

from grading import errors, timing
from grading.console import Console
from grading.shell import run_shell


class Guest:
    """Plays the guest: writes output and reads what was typed."""

    def __init__(self, **options: object) -> None:
        self.typed, input = os.pipe()
        output, self.prints = os.pipe()
        self.console = Console(output, input, **options)  # type: ignore[arg-type]

    def print(self, data: bytes) -> None:
        os.write(self.prints, data)

    def end(self) -> None:
        os.close(self.prints)


@pytest.fixture(autouse=True)
def unscaled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(timing.VARIABLE, "1")
    timing.scale.cache_clear()
    yield
    timing.scale.cache_clear()


def test_finds_groups_and_the_text_before() -> None:
    guest = Guest()
    guest.print(b"hello\r\npid 17 ended\r\n")
    found = guest.console.expect(r"pid (\d+)")
    assert (found.before, found.text, found.groups) == ("hello\n", "pid 17", ("17",))


def test_a_match_is_used_once() -> None:
    guest = Guest()
    guest.print(b"$ ")
    guest.console.expect(r"\$ ")
    with pytest.raises(errors.GuestTimeout):
        guest.console.expect(r"\$ ", 0.05)


def test_a_newline_that_comes_alone_is_noticed() -> None:
    guest = Guest()
    guest.print(b"done\r")
    later = threading.Timer(0.2, guest.print, [b"\n"])
    later.start()
    assert guest.console.expect(r"^done\n", 2).text == "done\n"
    later.join()


def test_a_match_may_come_in_pieces() -> None:
    guest = Guest()
    for byte in b"one\r\ntwo":
        guest.print(bytes([byte]))
    assert guest.console.expect("one\ntwo", 2).text == "one\ntwo"


def test_raw_keeps_every_byte() -> None:
    guest = Guest()
    data = bytes(range(256))
    guest.print(data)
    guest.console.expect("~")
    assert guest.console.raw == data


def test_a_panic_fails_at_once_and_waits_for_its_last_line() -> None:
    guest = Guest()
    guest.print(b"booting\r\npanic: out of hay\r\nbacktrace\r\n")
    guest.end()
    with pytest.raises(errors.GuestPanic, match="backtrace"):
        guest.console.expect(r"\$ ", 30)


def test_what_came_before_a_panic_still_counts() -> None:
    guest = Guest()
    guest.print(b"ready\npanic: late\n")
    guest.console.expect("ready")
    guest.end()
    with pytest.raises(errors.GuestPanic):
        guest.console.expect("more")


def test_a_panic_can_be_what_is_expected() -> None:
    guest = Guest()
    guest.print(b"panic: as planned\n")
    assert guest.console.expect(r"^panic: (.*)\n").groups == ("as planned",)


def test_the_end_of_the_output_fails_at_once() -> None:
    guest = Guest(describe=lambda: "exit status: 7")
    guest.print(b"bye")
    guest.end()
    with pytest.raises(errors.GuestEnded, match="(?s)bye.*exit status: 7"):
        guest.console.expect("hello", 30)


def test_a_flood_is_cut_off() -> None:
    guest = Guest(limit=1 << 20)
    for _ in range(40):
        guest.print(b"x" * (1 << 15))
    with pytest.raises(errors.GuestOverflow):
        guest.console.expect("y", 30)
    assert len(guest.console.raw) <= 1 << 20


def test_a_held_console_makes_the_line_busy() -> None:
    guest = Guest()
    os.set_blocking(guest.prints, False)
    with guest.console.hold() as waiting:
        taken = 0
        with pytest.raises(BlockingIOError):
            while taken < 1 << 20:
                taken += os.write(guest.prints, b"x" * 100)
        assert taken < 20000 and waiting() > 3000
    os.set_blocking(guest.prints, True)
    guest.print(b"y\n")
    assert len(guest.console.expect("y").before) == taken


def test_a_guest_that_takes_no_input_is_told_apart() -> None:
    guest = Guest()
    with pytest.raises(errors.GuestTimeout, match="took no input"):
        guest.console.send(b"x" * (1 << 20), 0.1)


@pytest.fixture
def shell() -> Iterator[Console]:
    """A real shell on an echoing terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["sh", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    yield Console(ours, os.dup(ours))
    process.kill()
    process.wait()


def test_shell_gives_output_and_status(shell: Console) -> None:
    assert run_shell(shell, "echo hello; false").output == "hello\n"
    assert run_shell(shell, "sh -c 'exit 42'").status == 42
    assert run_shell(shell, "printf 'no newline'").output == "no newline"


def test_shell_takes_a_background_command(shell: Console) -> None:
    assert run_shell(shell, "sleep 0 &").status == 0


def test_shell_is_not_fooled_by_printed_frames(shell: Console) -> None:
    assert run_shell(shell, "echo gb0 0; echo gedeadbeef 0; false").status == 1


def test_an_excerpt_leaves_the_firmware_out_unless_it_is_all() -> None:
    guest = Guest()
    banner = b"OpenSBI v1.1\nBoot HART ID : 0\nBoot HART MEDELEG : 0xf0b509\n"
    guest.print(banner)
    guest.console.expect("MEDELEG.*\n")
    assert "OpenSBI" in guest.console.excerpt()
    guest.print(b"goose: 1 hart\n")
    guest.console.expect("hart\n")
    assert guest.console.excerpt() == "  | goose: 1 hart"
    guest.print(b"a" * 3000 + b"!")
    guest.console.expect("!")
    assert len(guest.console.excerpt()) < 1100
