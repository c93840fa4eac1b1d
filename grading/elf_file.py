"""ELF files for tests, well-formed or damaged: each field of each header can be set to anything.

    Elf([Segment(data=code), Segment(paddr=0x80500000, memsz=0x3000, flags=R | W)]).build()

`Elf` lays a file out from its segments. `random_elf` makes a sound file of any shape around some
code. Reference: System V ABI (gABI), "Object Files" and "Program Loading".
"""

from __future__ import annotations

import random
import struct
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
