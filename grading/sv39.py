"""An independent walker of Sv39 page tables in guest memory: the oracle for paging.

It shares nothing with the kernel's code. It reads tables through any function that reads guest
physical memory, and complains of every entry that the privileged manual forbids.
Reference: RISC-V privileged architecture 1.12, sections 4.3 to 4.5.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grading.errors import GuestError

PAGE = 4096
LEVELS = 3
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
SATP_SV39 = 8
RESERVED = 0x3FF << 54  # N, PBMT and reserved bits: no extension of the virt machine uses them

Read = Callable[[int, int], bytes]


class TableError(GuestError):
    """A page-table entry that the manual forbids, or a table outside of memory."""


@dataclass(frozen=True)
class Mapping:
    """One leaf: `size` bytes from `virtual` to `physical` with the flag bits of its entry."""

    virtual: int
    physical: int
    size: int
    flags: int

    def __str__(self) -> str:
        letters = "".join(c if self.flags >> i & 1 else "-" for i, c in enumerate("vrwxugad"))
        return f"{self.virtual:#018x}..{self.virtual + self.size - 1:#018x} -> " + (
            f"{self.physical:#012x} {letters[1:]}"
        )


def root_of(satp: int) -> int:
    """The physical address of the root table that a satp value names."""
    if satp >> 60 != SATP_SV39:
        raise TableError(f"satp {satp:#x} does not turn Sv39 on")
    return (satp & (1 << 44) - 1) * PAGE


def _canonical(address: int) -> int:
    """Sv39 wants bits 63 to 39 equal to bit 38."""
    return address | 0xFFFFFF8000000000 if address >> 38 & 1 else address


def _check(entry: int, level: int, virtual: int, at: int) -> None:
    def complain(what: str) -> None:
        where = f"the entry {entry:#x} at {at:#x}, level {level}, for {virtual:#x}"
        raise TableError(f"{where}, {what}")

    if entry & RESERVED:
        complain("has reserved bits set")
    if entry & W and not entry & R:
        complain("is writable but not readable, which is reserved")
    leaf = entry & (R | W | X)
    if leaf and (entry >> 10) & (1 << 9 * level) - 1:
        complain("is a large page at an address that is not a multiple of its size")
    if not leaf and entry & (U | A | D):
        complain("points to a table and has U, A or D set, which is reserved")
    if not leaf and level == 0:
        complain("points to a table on the last level")


@dataclass
class Walker:
    """Walks the tables below `root` (see `root_of`), reading guest memory by `read`."""

    read: Read
    root: int

    def entries(self, table: int) -> tuple[int, ...]:
        data = self.read(table, PAGE)
        if len(data) != PAGE:
            raise TableError(f"the table at {table:#x} is outside of memory")
        return struct.unpack("<512Q", data)

    def walk(self, virtual: int) -> Mapping | None:
        """The leaf that maps `virtual`, or nothing."""
        if _canonical(virtual & (1 << 39) - 1) != virtual:
            return None
        table = self.root
        for level in reversed(range(LEVELS)):
            index = virtual >> (12 + 9 * level) & 511
            (entry,) = struct.unpack("<Q", self.read(table + 8 * index, 8))
            if not entry & V:
                return None
            _check(entry, level, virtual, table + 8 * index)
            if entry & (R | W | X):
                size = PAGE << 9 * level
                return Mapping(virtual & -size, self._target(entry), size, entry & 0xFF)
            table = self._target(entry)
        return None

    def translate(self, virtual: int) -> int | None:
        """The physical address behind `virtual`."""
        leaf = self.walk(virtual)
        return leaf and leaf.physical + (virtual - leaf.virtual)

    def mappings(self) -> list[Mapping]:
        """Every leaf, by address."""
        return list(self._below(self.root, LEVELS - 1, 0, {self.root}))

    def tables(self) -> list[int]:
        """The physical addresses of all tables, the root first."""
        found = {self.root}
        list(self._below(self.root, LEVELS - 1, 0, found))
        return [self.root, *sorted(found - {self.root})]

    @staticmethod
    def _target(entry: int) -> int:
        return (entry >> 10 & (1 << 44) - 1) * PAGE

    def _below(self, table: int, level: int, base: int, seen: set[int]) -> Iterator[Mapping]:
        size = PAGE << 9 * level
        for index, entry in enumerate(self.entries(table)):
            if not entry & V:
                continue
            virtual = _canonical(base + index * size)
            _check(entry, level, virtual, table + 8 * index)
            target = self._target(entry)
            if entry & (R | W | X):
                yield Mapping(virtual, target, size, entry & 0xFF)
            elif target in seen:
                raise TableError(f"the table at {target:#x} is reached twice")
            else:
                seen.add(target)
                yield from self._below(target, level - 1, base + index * size, seen)


def ranges(mappings: list[Mapping]) -> list[Mapping]:
    """Neighbours with the same flags (A and D aside) and offset joined, for reading by people."""
    joined: list[Mapping] = []
    for m in mappings:
        flags = m.flags & ~(A | D)
        last = joined[-1] if joined else None
        if (
            last
            and last.flags == flags
            and last.virtual + last.size == m.virtual
            and last.physical + last.size == m.physical
        ):
            joined[-1] = Mapping(last.virtual, last.physical, last.size + m.size, flags)
        else:
            joined.append(Mapping(m.virtual, m.physical, m.size, flags))
    return joined
