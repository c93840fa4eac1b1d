"""What address spaces should be after each line of a script: areas, pages, frames and who has them.
Written from the contracts in the handout, with lists and dictionaries; it knows nothing of page
tables. memory_script.py makes scripts with it."""

from __future__ import annotations

import itertools
import struct
from collections import Counter
from dataclasses import dataclass, field, replace

from labs.foretold import MASK

PAGE = 4096
USER_END = 1 << 38
TRAMPOLINE = USER_END - PAGE  # the kernel's own page in every space; no test looks at it
STACK_TOP = USER_END - 16 * PAGE
MMAP_MINIMUM, MMAP_TOP = 0x10000, STACK_TOP - (8 << 20) - (64 << 20)
FAILED = 1 << 63
ENXIO, ENOMEM, EACCES, EFAULT, EEXIST, EINVAL = 6, 12, 13, 14, 17, 22
READ, WRITE, EXEC = 1, 2, 4  # rights of an area; an entry's are letters
PRIVATE, SHARED, SHARED_FOR_READING = 0, 1, 2
HINT, FIXED, NO_REPLACE = 0, 1, 2
TO_READ, TO_WRITE, TO_EXECUTE = 0, 1, 2  # accesses
LETTER = {TO_READ: "r", TO_WRITE: "w", TO_EXECUTE: "x"}
ODD = 0x9E3779B97F4A7C15


class Refused(Exception):
    """The call returns this error number, having changed nothing."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def words_of_key(key: int, size: int) -> bytes:
    """What fill_with_key() of kernel/memory_book.cc writes."""
    count = (size + 7) // 8
    return struct.pack(f"<{count}Q", *((key + i) * ODD & MASK for i in range(count)))[:size]


_numbers = itertools.count()


@dataclass
class Frame:
    """A frame; `number` names it for good."""

    data: bytearray = field(default_factory=lambda: bytearray(PAGE))
    number: int = field(default_factory=lambda: next(_numbers))

    def copy(self) -> Frame:
        return Frame(bytearray(self.data))


@dataclass
class Source:
    """A book (memory_book.h), or shared memory: that has no key, and its pages begin as zeroes."""

    number: int
    pages: int
    key: int | None
    keeps: bool
    frames: dict[int, Frame] = field(default_factory=dict)


@dataclass(frozen=True)
class Area:
    start: int
    end: int
    rights: int
    sharing: int
    source: int  # its number; 0: zeroes
    offset: int  # in pages, of `start`

    def index(self, at: int) -> int:
        return self.offset + (at - self.start) // PAGE

    def cut(self, start: int, end: int) -> Area:
        return replace(self, start=start, end=end, offset=self.index(start))

    def joins(self, other: Area) -> bool:
        same = (self.rights, self.sharing, self.source) == (other.rights, other.sharing, other.source)
        goes_on = not self.source or self.index(self.end) == other.offset
        return same and self.end == other.start and goes_on

    def allows(self, access: int) -> bool:
        return bool(self.rights & {TO_READ: 7, TO_WRITE: WRITE, TO_EXECUTE: EXEC}[access])

    def letters(self, writable: bool) -> str:
        """What an entry for it says."""
        write = "w" if self.rights & WRITE and writable else ""
        return "r" + write + ("x" if self.rights & EXEC else "")


@dataclass
class Page:
    frame: Frame
    letters: str  # nothing: the entry is there, but not valid


@dataclass
class Space:
    areas: list[Area] = field(default_factory=list)  # in order, joined where that can be
    pages: dict[int, Page] = field(default_factory=dict)
    tables: set[int] = field(default_factory=set)  # 2 MiB stretches with a lowest table
    heap: tuple[int, int] = (0, 0)

    def find(self, at: int) -> Area | None:
        return next((a for a in self.areas if a.start <= at < a.end), None)

    def overlapping(self, start: int, end: int) -> list[Area]:
        return [a for a in self.areas if a.start < end and a.end > start]

    def put(self, start: int, end: int, new: list[Area]) -> None:
        """Replaces whatever is in the range."""
        kept = [a for a in self.areas if a.end <= start or a.start >= end]
        for a in self.overlapping(start, end):
            kept += [a.cut(a.start, start)] if a.start < start else []
            kept += [a.cut(end, a.end)] if a.end > end else []
        joined: list[Area] = []
        for a in sorted(kept + new, key=lambda a: a.start):
            if joined and joined[-1].joins(a):
                joined[-1] = replace(joined[-1], end=a.end)
            else:
                joined.append(a)
        self.areas = joined

    def room(self, hint: int, size: int) -> int:
        hint &= -PAGE
        if MMAP_MINIMUM <= hint < USER_END and hint + size <= TRAMPOLINE:
            if not self.overlapping(hint, hint + size):
                return hint
        borders = [(a.start, a.end) for a in self.areas if a.start < MMAP_TOP]
        top = MMAP_TOP
        for start, end in reversed([(0, MMAP_MINIMUM), *borders]):
            if top - end >= size:
                return top - size
            top = min(top, start)
        raise Refused(ENOMEM)


def checked_end(start: int, size: int) -> int:
    if start % PAGE or size == 0:
        raise Refused(EINVAL)
    end = start + (size + PAGE - 1 & -PAGE)
    if size > USER_END or end > USER_END:
        raise Refused(ENOMEM)
    return end


class Model:
    """All spaces and sources of a script. Methods return what the call gives, or raise Refused."""

    def __init__(self) -> None:
        self.spaces: dict[int, Space] = {}
        self.sources: dict[int, Source] = {}
        self.told: set[tuple[int, int]] = set()  # pages that a source was told will be written
        self.memory = True  # whether there are free frames

    def owners(self) -> Counter[int]:
        """How many owners each frame has."""
        counts = Counter(p.frame.number for s in self.spaces.values() for p in s.pages.values())
        counts.update(f.number for source in self.sources.values() for f in source.frames.values())
        return counts

    # Areas.

    def map(self, space: Space, address: int, size: int, rights: int, sharing: int, source: int,
            offset: int, placement: int) -> int:  # fmt: skip
        checked_end(0 if placement == HINT else address, size)
        size = size + PAGE - 1 & -PAGE
        where = space.room(address, size) if placement == HINT else address
        if placement == NO_REPLACE and space.overlapping(where, where + size):
            raise Refused(EEXIST)
        self.drop_pages(space, where, where + size)
        area = Area(where, where + size, rights, sharing, source, offset)
        space.put(where, where + size, [area])
        return where

    def unmap(self, space: Space, address: int, size: int) -> int:
        end = checked_end(address, size)
        space.put(address, end, [])
        self.drop_pages(space, address, end)
        return 0

    def drop_pages(self, space: Space, start: int, end: int) -> None:
        for at in [at for at in space.pages if start <= at < end]:
            del space.pages[at]

    def discard(self, space: Space, address: int, size: int) -> int:
        self.drop_pages(space, address, checked_end(address, size))
        return 0

    def protect(self, space: Space, address: int, size: int, rights: int) -> int:
        if size == 0 and address % PAGE == 0:
            return 0
        end, covered = checked_end(address, size), address
        inside = space.overlapping(address, end)
        for area in inside:
            if area.start > covered:
                break
            if area.sharing == SHARED_FOR_READING and rights & WRITE:
                raise Refused(EACCES)
            covered = area.end
        if covered < end:
            raise Refused(ENOMEM)
        cut = [a.cut(max(a.start, address), min(a.end, end)) for a in inside]
        space.put(address, end, [replace(a, rights=rights) for a in cut])
        keep = "" if rights == 0 else "r" + "w" * bool(rights & WRITE) + "x" * bool(rights & EXEC)
        for at, page in space.pages.items():
            if address <= at < end:
                page.letters = "".join(c for c in page.letters if c in keep)
        return 0

    def set_break(self, space: Space, address: int) -> int:
        start, now = space.heap
        old, new = (now + PAGE - 1 & -PAGE), (address + PAGE - 1 & -PAGE)
        if not start <= address < MMAP_TOP:
            return now
        try:
            if new > old:
                self.map(space, old, new - old, READ | WRITE, PRIVATE, 0, 0, NO_REPLACE)
            elif new < old:
                self.unmap(space, new, old - new)
        except Refused:
            return now
        space.heap = start, address
        return address

    # Pages.

    def new_frame(self) -> Frame:
        if not self.memory:
            raise Refused(ENOMEM)
        return Frame()

    def page_of(self, number: int, index: int) -> Frame:
        source = self.sources[number]
        if index >= source.pages:
            raise Refused(ENXIO)
        if index in source.frames:
            return source.frames[index]
        frame = self.new_frame()
        if source.key is not None:
            frame.data[:] = words_of_key(source.key + 1000 * index, PAGE)
        if source.keeps:
            source.frames[index] = frame
        return frame

    def copy_of(self, frame: Frame) -> Frame:
        if not self.memory:
            raise Refused(ENOMEM)
        return frame.copy()

    def resolve(self, space: Space, address: int, access: int) -> Frame:
        at = address & -PAGE
        area = space.find(at)
        if area is None:
            raise Refused(EFAULT)
        if not area.allows(access):
            raise Refused(EACCES)
        if not self.memory and at >> 21 not in space.tables:
            raise Refused(ENOMEM)
        space.tables.add(at >> 21)
        page = space.pages.get(at)
        if page is None:
            page = space.pages[at] = self.bring_in(area, at, access)
        elif LETTER[access] not in page.letters:
            self.grant(area, at, page, access)
        return page.frame

    def bring_in(self, area: Area, at: int, access: int) -> Page:
        writes = access == TO_WRITE
        if not area.source:
            return Page(self.new_frame(), area.letters(True))
        frame = self.page_of(area.source, area.index(at))
        if writes and area.sharing == PRIVATE:
            frame = self.copy_of(frame)
        elif writes and self.sources[area.source].key is not None:
            self.told.add((area.source, area.index(at)))
        return Page(frame, area.letters(writes))

    def grant(self, area: Area, at: int, page: Page, access: int) -> None:
        writable = "w" in page.letters
        if access == TO_WRITE:
            if area.sharing == PRIVATE and self.owners()[page.frame.number] > 1:
                page.frame = self.copy_of(page.frame)
            elif area.sharing != PRIVATE and self.sources[area.source].key is not None:
                self.told.add((area.source, area.index(at)))
            writable = True
        page.letters = area.letters(writable)

    def would_grant(self, space: Space, address: int, access: int) -> bool:
        """Whether this access finds the page there, but with too few rights."""
        area, page = space.find(address & -PAGE), space.pages.get(address & -PAGE)
        return bool(area and page and area.allows(access) and LETTER[access] not in page.letters)

    # Copies.

    def part(self, space: Space, address: int, access: int) -> Frame:
        try:
            return self.resolve(space, address, access)
        except Refused as refused:
            raise Refused(ENOMEM if refused.number == ENOMEM else EFAULT) from None

    def write(self, space: Space, address: int, data: bytes) -> int:
        while data:
            start = address % PAGE
            part = data[: PAGE - start]
            self.part(space, address, TO_WRITE).data[start : start + len(part)] = part
            address, data = address + len(part), data[len(part) :]
        return 0

    def read(self, space: Space, address: int) -> int:
        """The word there, which lies in one page."""
        start = address % PAGE
        data = self.part(space, address, TO_READ).data[start : start + 8]
        return int.from_bytes(data, "little") & ~FAILED

    def fork(self, space: Space) -> Space:
        child = Space(list(space.areas), heap=space.heap)
        for at, page in space.pages.items():
            area = space.find(at)
            assert area
            if area.sharing == PRIVATE:
                page.letters = page.letters.replace("w", "")
                child.pages[at] = Page(page.frame, page.letters)
                child.tables.add(at >> 21)
        return child
