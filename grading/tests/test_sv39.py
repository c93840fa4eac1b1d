"""The page-table walker, on tables written here by hand."""

from __future__ import annotations

import struct

import pytest

from grading.sv39 import A, D, G, R, U, V, W, X, Mapping, TableError, Walker, ranges, root_of


class Memory:
    """Guest memory of a few pages from 0x80000000 on."""

    base = 0x80000000

    def __init__(self) -> None:
        self.data = bytearray(16 * 4096)

    def read(self, address: int, size: int) -> bytes:
        return bytes(self.data[address - self.base : address - self.base + size])

    def entry(self, table: int, index: int, target: int, flags: int) -> None:
        value = target >> 12 << 10 | flags
        struct.pack_into("<Q", self.data, table - self.base + 8 * index, value)


ROOT, MIDDLE, LAST = 0x80000000, 0x80001000, 0x80002000


@pytest.fixture
def memory() -> Memory:
    """User page 0x1000, a large page, and a gigabyte of linear map."""
    memory = Memory()
    memory.entry(ROOT, 0, MIDDLE, V)
    memory.entry(MIDDLE, 0, LAST, V)
    memory.entry(LAST, 1, 0x80005000, V | R | X | U | A)
    memory.entry(MIDDLE, 3, 0x80200000, V | R | W | A | D)
    memory.entry(ROOT, 258, 0x80000000, V | R | W | G | A | D)
    return memory


def test_walks_all_three_sizes(memory: Memory) -> None:
    walker = Walker(memory.read, ROOT)
    assert walker.walk(0x1234) == Mapping(0x1000, 0x80005000, 4096, V | R | X | U | A)
    assert walker.translate(0x612345) == 0x80212345
    assert walker.translate(0xFFFFFFC080001234) == 0x80001234
    assert walker.walk(0x2000) is None
    assert walker.walk(0x4080001234) is None, "an address that is not canonical maps nothing"


def test_lists_every_leaf_and_table(memory: Memory) -> None:
    walker = Walker(memory.read, ROOT)
    assert [m.virtual for m in walker.mappings()] == [0x1000, 0x600000, 0xFFFFFFC080000000]
    assert walker.tables() == [ROOT, MIDDLE, LAST]


@pytest.mark.parametrize(
    ("table", "target", "flags", "complaint"),
    [
        (LAST, 0x80005000, V | W, "not readable"),
        (LAST, 0x80005000, V, "last level"),
        (MIDDLE, 0x80003000, V | R, "multiple of its size"),
        (MIDDLE, 0x80003000, V | U, "U, A or D"),
        (MIDDLE, 0x80003000, V | R | 1 << 60, "reserved bits"),
        (ROOT, MIDDLE, V, "reached twice"),
    ],
)
def test_complains(memory: Memory, table: int, target: int, flags: int, complaint: str) -> None:
    memory.entry(table, 5, target, flags)
    with pytest.raises(TableError, match=complaint):
        Walker(memory.read, ROOT).mappings()


def test_satp_names_the_root() -> None:
    assert root_of(8 << 60 | 7 << 44 | 0x80000) == 0x80000000
    with pytest.raises(TableError):
        root_of(0x80000)


def test_ranges_join_neighbours() -> None:
    pages = [
        Mapping(i * 4096, 0x80000000 + i * 4096, 4096, V | R | (A if i % 2 else 0))
        for i in range(4)
    ]
    assert ranges(pages) == [Mapping(0, 0x80000000, 4 * 4096, V | R)]
    pages.append(Mapping(4 * 4096, 0x90000000, 4096, V | R))
    assert len(ranges(pages)) == 2
    assert str(pages[0]).endswith("-> 0x0080000000 r------")
