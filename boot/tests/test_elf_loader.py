"""The loader's logic on the host, under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from elves import REFUSED

from grading.elf_file import KERNEL, LOAD, Elf, Segment, random_elf

MACHINE = ["ram", "0x80000000", "0x8000000", "taken", "0x80000000", "0x200000", "OpenSBI"]
HALT = bytes.fromhex("6f000000")  # j .


def check(programs: Path, folder: Path, elf: bytes, *machine: str) -> tuple[int, list[str]]:
    file = folder / "file.elf"
    file.write_bytes(elf)
    done = subprocess.run(
        [programs / "elf_check", file, *(machine or MACHINE)], capture_output=True, text=True
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, host_programs: Path, tmp_path: Path) -> None:
    make_elf, sentence = REFUSED[name]
    assert check(host_programs, tmp_path, make_elf()) == (2, [f"boot: {sentence}"])


def expected(elf: Elf) -> list[str]:
    lines = []
    for i, segment in enumerate(elf.segments):
        if segment.type == LOAD and segment.memory:
            place = f"segment {i} at {segment.paddr:#x} flags {segment.flags}: "
            lines.append(place + segment.memory.hex())
    return lines


@pytest.mark.parametrize("seed", range(40))
def test_loads_any_sound_file(seed: int, host_programs: Path, tmp_path: Path) -> None:
    elf, home = random_elf(random.Random(seed), HALT, limit=0x1000)
    assert elf.entry is not None
    entry = elf.entry - home.linked + home.paddr
    status, lines = check(host_programs, tmp_path, elf.build())
    assert status == 0, lines
    assert lines == [*expected(elf), f"entry {entry:#x}"]


def test_any_truncation_is_refused(host_programs: Path, tmp_path: Path) -> None:
    elf = Elf([Segment(data=HALT * 64)]).build()
    assert len(elf) == 0x1100
    for end in (*range(0, 0x10FF, 257), 0x10FF):
        status, lines = check(host_programs, tmp_path, elf[:end])
        assert status == 2 and len(lines) == 1, lines


def test_each_taken_piece_is_named(host_programs: Path, tmp_path: Path) -> None:
    pieces = {"the boot stage": 0x80300000, "the device tree": 0x81000000, "the initrd": 0x81800000}
    machine = ["ram", "0x80000000", "0x2000000"]
    for owner, start in pieces.items():
        machine += ["taken", hex(start), "0x1000", owner]
    for owner, start in pieces.items():
        for paddr, memsz in ((start, 1), (start - 0x1000, 0x1001), (start - 0x1000, 0x3000)):
            elf = Elf([Segment(paddr=paddr, data=b"x", memsz=memsz)]).build()
            sentence = f"boot: segment 0: {memsz:#x} bytes at {paddr:#x} overlap {owner}"
            assert check(host_programs, tmp_path, elf, *machine) == (2, [sentence])
        for paddr in (start - 0x1000, start + 0x1000):
            elf = Elf([Segment(paddr=paddr, data=HALT, memsz=0x1000)]).build()
            assert check(host_programs, tmp_path, elf, *machine)[0] == 0


def test_ram_may_come_in_pieces(host_programs: Path, tmp_path: Path) -> None:
    machine = ["ram", hex(KERNEL), "0x1000", "ram", hex(KERNEL + 0x1000), "0x1000"]
    two = [Segment(data=HALT, memsz=0x1000), Segment(paddr=KERNEL + 0x1000, memsz=0x1000)]
    assert check(host_programs, tmp_path, Elf(two).build(), *machine)[0] == 0
    across = Elf([Segment(data=HALT, memsz=0x1001)]).build()
    assert check(host_programs, tmp_path, across, *machine)[1] == [
        f"boot: segment 0: 0x1001 bytes at {KERNEL:#x} are not inside RAM"
    ]


def test_an_empty_segment_is_passed_over(host_programs: Path, tmp_path: Path) -> None:
    elf = Elf([Segment(data=HALT), Segment(paddr=0, data=b"")])
    assert check(host_programs, tmp_path, elf.build())[0] == 0
