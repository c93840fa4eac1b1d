"""ELF files for the boot stage's tests: well-formed ones, and damage of every kind.

`Elf` lays a file out from its segments, and each field of each header can be set to anything.
REFUSED is the table of what the loader must refuse, with the sentence that it must say; both the
host test and the test in QEMU go through it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

LOAD, NOTE, PHDR = 1, 4, 6
X, W, R = 1, 2, 4
EHDR = "<16sHHIQQQIHHHHHH"
PHDR_FORMAT = "<IIQQQQQQ"
HEADER = ("ident type machine version entry phoff shoff flags "
          "ehsize phentsize phnum shentsize shnum shstrndx").split()
PAGE = 4096
KERNEL = 0x80400000  # where these kernels start
LINEAR = 0xFFFFFFC000000000


@dataclass
class Segment:
    """One program header and its bytes; offset and sizes follow from the data unless given."""

    paddr: int = KERNEL
    data: bytes = b"\0" * 64
    vaddr: int | None = None
    memsz: int | None = None
    flags: int = R | X
    type: int = LOAD
    align: int = PAGE
    offset: int | None = None
    filesz: int | None = None

    @property
    def linked(self) -> int:
        return self.paddr + LINEAR if self.vaddr is None else self.vaddr

    @property
    def memory(self) -> bytes:
        """What the loader must make of the segment's memory."""
        return self.data + b"\0" * ((self.memsz or len(self.data)) - len(self.data))


@dataclass
class Elf:
    """A file. `header` replaces fields of the ELF header; `tail` is what follows everything."""

    segments: list[Segment] = field(default_factory=lambda: [Segment()])
    entry: int | None = None  # virtual; the first segment's start if absent
    header: dict[str, int | bytes] = field(default_factory=dict)
    table_last: bool = False  # program headers at the end of the file
    tail: bytes = b""

    def build(self) -> bytes:
        table_size = 56 * len(self.segments)
        body, offsets = bytearray(64 if self.table_last else 64 + table_size), []
        for segment in self.segments:
            align = max(segment.align, 1)
            body += b"\xee" * ((segment.linked - len(body)) % align)  # no byte of any segment
            offsets.append(len(body))
            body += segment.data
        table_at = len(body) if self.table_last else 64
        table = b"".join(self._program_header(s, o) for s, o in zip(self.segments, offsets))
        if self.table_last:
            body += table
        else:
            body[64 : 64 + table_size] = table
        body[:64] = self._elf_header(table_at)
        return bytes(body) + self.tail

    @staticmethod
    def _program_header(s: Segment, at: int) -> bytes:
        offset = at if s.offset is None else s.offset
        filesz = len(s.data) if s.filesz is None else s.filesz
        memsz = max(filesz, len(s.data)) if s.memsz is None else s.memsz
        return struct.pack(
            PHDR_FORMAT, s.type, s.flags, offset, s.linked, s.paddr, filesz, memsz, s.align
        )

    def _elf_header(self, table_at: int) -> bytes:
        entry = self.segments[0].linked if self.segments else 0
        fields: dict[str, int | bytes] = dict(
            ident=b"\x7fELF\2\1\1" + b"\0" * 9, type=2, machine=243, version=1,
            entry=entry if self.entry is None else self.entry, phoff=table_at, shoff=0, flags=1,
            ehsize=64, phentsize=56, phnum=len(self.segments), shentsize=64, shnum=0, shstrndx=0,
        )  # fmt: skip
        fields |= self.header
        return struct.pack(EHDR, *(fields[name] for name in HEADER))


def ident(**bytes_at: int) -> dict[str, int | bytes]:
    """The header's first 16 bytes with some replaced: ident(b4=1) for class 1."""
    text = bytearray(b"\x7fELF\2\1\1" + b"\0" * 9)
    for name, value in bytes_at.items():
        text[int(name[1:])] = value
    return {"ident": bytes(text)}


def one(**changes: object) -> bytes:
    """A file of a sound segment 0 and a segment 1 with these changes."""
    second = Segment(paddr=KERNEL + 0x10000, flags=R | W)
    for name, value in changes.items():
        setattr(second, name, value)
    return Elf([Segment(), second]).build()


def with_header(**changes: int | bytes) -> bytes:
    return Elf(header=dict(changes)).build()


def go_linked() -> bytes:
    """What stopped goose once: the file of a Go linker that was told to start at an odd place.

    Text is linked below the first page of the file, so that the offset of the first loadable
    segment, the third header, came out negative.
    """
    text = Segment(
        paddr=KERNEL, vaddr=KERNEL, data=b"\x13\0\0\0" * 1024, offset=0xFFFFFFFFFFFF1000, filesz=0x10000
    )  # fmt: skip
    return Elf(
        [Segment(type=PHDR, flags=R, vaddr=0x803F1040, data=b""),
         Segment(type=NOTE, flags=R, vaddr=0x803F1F9C, data=b"Go\0\0", align=4), text],
        entry=KERNEL + 0x100,
    ).build()  # fmt: skip


GO_SENTENCE = "segment 2: file offset 0xffffffffffff1000 is outside the file"

# On a machine with 128 MiB at 0x80000000, of which OpenSBI and stage have the first 2 MiB and more.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file has 0 bytes, too few for an ELF header"),
    "short": (lambda: Elf().build()[:63], "the file has 63 bytes, too few for an ELF header"),
    "magic": (
        lambda: b"#!/bin/sh" + b"\n" * 99,
        "the file is not ELF: it starts with 23 21 2f 62",
    ),
    "class": (lambda: with_header(**ident(b4=1)), "the class is 1, not 2 (64-bit)"),
    "byte order": (lambda: with_header(**ident(b5=2)), "the byte order is 2, not 1 (little endian)"),
    "ident version": (
        lambda: with_header(**ident(b6=0)),
        "the version in the identification is 0, not 1 (current)",
    ),
    "shared object": (lambda: with_header(type=3), "the type is 3, not 2 (executable)"),
    "x86": (lambda: with_header(machine=62), "the machine is 62, not 243 (RISC-V)"),
    "version": (lambda: with_header(version=7), "the version is 7, not 1 (current)"),
    "header size": (
        lambda: with_header(ehsize=52),
        "the size of the ELF header is 52, not 64 (ELF64)",
    ),
    "program header size": (
        lambda: with_header(phentsize=32),
        "the size of a program header is 32, not 56 (ELF64)",
    ),
    "many headers": (
        lambda: with_header(phnum=65535),
        "the file has 65535 program headers, more than 32",
    ),
    "table cut off": (
        lambda: Elf().build()[:119],
        "1 program headers at file offset 0x40 are not inside the file",
    ),
    "table outside": (
        lambda: with_header(phoff=0x1000000),
        "1 program headers at file offset 0x1000000 are not inside the file",
    ),
    "table wraps": (
        lambda: with_header(phoff=0xFFFFFFFFFFFFFFF0),
        "1 program headers at file offset 0xfffffffffffffff0 are not inside the file",
    ),
    "no headers": (lambda: with_header(phnum=0), "the entry 0xffffffc080400000 is in no segment"),
    "go": (go_linked, GO_SENTENCE),
    "offset outside": (
        lambda: one(offset=0x99999000, filesz=0),
        "segment 1: file offset 0x99999000 is outside the file",
    ),
    "size outside": (
        lambda: one(offset=0x1000, filesz=0x2000),
        "segment 1: 0x2000 bytes at file offset 0x1000 go past the end of the file",
    ),
    "size wraps": (
        lambda: one(offset=0x1000, filesz=0xFFFFFFFFFFFFF800, memsz=0xFFFFFFFFFFFFF800),
        "segment 1: 0xfffffffffffff800 bytes at file offset 0x1000 go past the end of the file",
    ),
    "bigger in file": (
        lambda: one(data=b"x" * 0x100, memsz=0xFF),
        "segment 1: 0x100 bytes in the file do not fit into 0xff in memory",
    ),
    "alignment": (
        lambda: one(align=0x1800, offset=0x1000),
        "segment 1: alignment 0x1800 is not a power of two",
    ),
    "offset alignment": (
        lambda: one(offset=0x1010, filesz=16),
        "segment 1: file offset 0x1010, virtual address 0xffffffc080410000 and physical address "
        "0x80410000 differ modulo 0x1000",
    ),
    "physical alignment": (
        lambda: one(paddr=KERNEL + 0x10008, vaddr=LINEAR + KERNEL + 0x10000, offset=0x1000),
        "segment 1: file offset 0x1000, virtual address 0xffffffc080410000 and physical address "
        "0x80410008 differ modulo 0x1000",
    ),
    "virtual wrap": (
        lambda: one(vaddr=0xFFFFFFFFFFFFF000, memsz=0x1001),
        "segment 1: 0x1001 bytes at virtual address 0xfffffffffffff000 wrap around",
    ),
    "below RAM": (
        lambda: one(paddr=0x10000000),
        "segment 1: 0x40 bytes at 0x10000000 are not inside RAM",
    ),
    "end of RAM": (
        lambda: one(paddr=0x87FFF000, memsz=0x1001),
        "segment 1: 0x1001 bytes at 0x87fff000 are not inside RAM",
    ),
    "physical wrap": (
        lambda: one(paddr=0xFFFFFFFFFFFFF000, vaddr=0x1000, memsz=0x80402000),
        "segment 1: 0x80402000 bytes at 0xfffffffffffff000 are not inside RAM",
    ),
    "huge": (
        lambda: one(vaddr=0x1000, memsz=0xFFFFFFFFFFFFE000),
        "segment 1: 0xffffffffffffe000 bytes at 0x80410000 are not inside RAM",
    ),
    "over OpenSBI": (
        lambda: one(paddr=0x80000000),
        "segment 1: 0x40 bytes at 0x80000000 overlap OpenSBI",
    ),
    "over OpenSBI and stage": (
        lambda: one(paddr=0x80000000, memsz=0x200001),
        "segment 1: 0x200001 bytes at 0x80000000 overlap OpenSBI",
    ),
    "over a segment": (
        lambda: one(paddr=KERNEL - 0x1000, memsz=0x1001),
        "segment 1: 0x1001 bytes at 0x803ff000 overlap segment 0",
    ),
    "inside a segment": (
        lambda: Elf([Segment(memsz=0x9000), Segment(paddr=KERNEL + 0x8000)]).build(),
        "segment 1: 0x40 bytes at 0x80408000 overlap segment 0",
    ),
    "entry nowhere": (
        lambda: Elf(entry=LINEAR + KERNEL + 64).build(),
        "the entry 0xffffffc080400040 is in no segment",
    ),
    "entry is physical": (
        lambda: Elf(entry=KERNEL).build(),
        "the entry 0x80400000 is in no segment",
    ),
    "entry in data": (
        lambda: Elf([Segment(flags=R | W)]).build(),
        "the entry 0xffffffc080400000 is in segment 0, which is not executable",
    ),
    "entry odd": (
        lambda: Elf(entry=LINEAR + KERNEL + 1).build(),
        "the entry 0xffffffc080400001 is at an odd address",
    ),
}


def random_elf(rng: random.Random, code: bytes, limit: int = 0x10000) -> tuple[Elf, Segment]:
    """A sound file of any shape whose entry is at `code`; also the segment that holds it."""
    segments, place = [], KERNEL
    count = rng.randint(1, 6)
    for _ in range(count):
        align = rng.choice([0, 1, 8, 64, PAGE])
        place += rng.randint(0, 0x4000)
        place += -place % max(align, 8)
        data = rng.randbytes(rng.choice([0, 1, 7, rng.randint(0, limit)]))
        memsz = len(data) + rng.choice([0, 1, 4097, rng.randint(0, limit)])
        shift = rng.choice([0, LINEAR, rng.randrange(0, 1 << 47, PAGE)])
        flags = rng.choice([R, R | W, R | W | X])
        segments.append(Segment(place, data, place + shift, memsz, flags, align=align))
        place += memsz
    home = rng.choice(segments)
    home.flags |= X
    before = rng.randbytes(4 * rng.randint(0, 999))
    end = home.paddr + home.memsz if home.memsz else home.paddr
    grown = len(before) + len(code)
    for segment in segments:  # those behind it make room
        if segment.paddr >= end and segment is not home:
            move = grown + -grown % PAGE
            segment.paddr, segment.vaddr = segment.paddr + move, segment.linked + move
    home.memsz = (home.memsz or 0) + grown
    home.data = before + code + home.data
    entry = home.linked + len(before)
    for _ in range(rng.randint(0, 2)):  # headers that say nothing about loading
        segments.append(Segment(type=rng.choice([0, NOTE, 0x70000003]), data=b"", offset=1 << 60))
    rng.shuffle(segments)
    elf = Elf(segments, entry, table_last=rng.random() < 0.5, tail=rng.randbytes(rng.randint(0, 99)))
    return elf, home
