"""What `make grade` prints of failures."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from grading.errors import GuestEnded
from labs.course import Exercise, Lab
from labs.grade import MACHINES, NOT_WRITTEN, Fail, _message, check
from labs.report import Outcome, print_report

LAB = Lab("03-frames", 3, "frames", "Frames", "mm", 1, 1, exercises=(Exercise(1, "Take"),))
PANIC = "it ended\n  | panic: hart 0: load access fault\n  |   sepc {0:#x}\n  | backtrace:\n  |   {0:#x} f()+0x1a"


def printed(*texts: str) -> str:
    outcomes = [
        Outcome(f"t{n}", f"test_{n}", "A title.", "new", 1, 1, "panic", text, 0.1)
        for n, text in enumerate(texts)
    ]
    lines: list[str] = []
    print_report(LAB, outcomes, lines.append)
    return "\n".join(lines)


def test_the_same_panic_is_shown_in_full_once() -> None:
    text = printed(PANIC.format(0x80001000), PANIC.format(0x80002000) + "\n  why: because")
    assert text.count("panic: hart 0: load access fault") == 2
    assert text.count("backtrace:") == 1 and "… and on as in test_0 above" in text
    assert "  why: because" in text


def test_another_panic_is_shown_too() -> None:
    text = printed(PANIC.format(1), PANIC.format(1).replace("f()", "g()"))
    assert text.count("backtrace:") == 2


@pytest.mark.parametrize(
    "value, text", [(42, "42"), (15927, "15927 (0x3e37)"), (0x80208000, "0x80208000"), ("a", "'a'")]
)
def test_counts_are_decimal_and_addresses_are_not(value: object, text: str) -> None:
    with pytest.raises(Fail, match="it") as failed:
        check("it", seen=value, expected=None)
    assert str(failed.value).endswith(f"seen:     {text}")


@pytest.mark.parametrize("killed, verdict", [("", "fail"), ("SIGKILL", "error")])
def test_a_killed_qemu_is_no_fault_of_the_code(killed: str, verdict: str) -> None:
    machine = SimpleNamespace(killed=lambda: killed)
    item = SimpleNamespace(stash={MACHINES: [machine]})
    with pytest.raises(GuestEnded) as caught:
        raise GuestEnded("the output ended")
    said = _message(item, SimpleNamespace(excinfo=caught))  # type: ignore[arg-type]
    assert said[0] == verdict and said[1].endswith("the output ended")
    assert ("QEMU was ended from outside, by SIGKILL" in said[1]) == bool(killed)


def test_a_console_of_one_long_word_is_looked_through_at_once() -> None:
    """From each of its letters on it would take the square of its length: days for what a guest may print."""
    word = "a" * (4 << 20)
    began = time.monotonic()
    assert not NOT_WRITTEN.search(word)
    found = NOT_WRITTEN.search(f"{word} panic: paging.walk: exercise 1: yours to write")
    assert found and found[1] == "paging.walk"
    assert time.monotonic() - began < 20
