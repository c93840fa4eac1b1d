"""Symbols of files whose names are there to hurt whoever reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grading import symbols
from grading.confine import limited_to
from grading.errors import GuestError, HostError
from grading.symbols import CROSS, Symbols


def endless(doublings: int) -> str:
    """A function of pairs of pairs of …: each step doubles what the name reads as."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    known = "".join(f"S_IS{digits[i]}_S{digits[i]}_E" for i in range(doublings))
    return f"_Z4evil4pairIiiE{known}"


def made(folder: Path, *names: str) -> Symbols:
    text = "".join(f'.globl "{name}"\n"{name}": ret\n' for name in names)
    subprocess.run([f"{CROSS}as", "-o", folder / "a.o", "-"], input=text, text=True, check=True)
    return Symbols(folder / "a.o")


def test_names_are_as_people_say_them(tmp_path: Path) -> None:
    found = made(tmp_path, "_ZN5goose4walkEi", "stop")
    assert found.address("goose::walk") == 0 and found.address("stop") > 0
    with pytest.raises(GuestError, match="no symbol is called"):
        found.address("never")


def test_a_table_without_end_is_the_codes_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(name.startswith("evil(pair<int, int>, pair<pair<") for _, name in made(tmp_path, endless(4)).table)
    monkeypatch.setattr(symbols, "OUTPUT_LIMIT", 1 << 20)
    with pytest.raises(GuestError, match="more than 1 MiB"):
        made(tmp_path, endless(18)).table
    monkeypatch.setattr(symbols, "LIMITS", limited_to(memory=1 << 30, cpu=1))
    with pytest.raises(GuestError, match="finds no end"):
        made(tmp_path, endless(35)).table


def test_what_is_no_program_is_a_host_error(tmp_path: Path) -> None:
    (tmp_path / "a.o").write_text("text")
    with pytest.raises(HostError, match="nm failed"):
        Symbols(tmp_path / "a.o").table
