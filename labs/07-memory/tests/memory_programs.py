"""What the host needs to foretell the programs of lab 7: hashes of the memory that they and
their children write."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from memory_model import PAGE

from labs.foretold import FNV_PRIME, FNV_START, MASK, Numbers

NEVER_BLOCKED = 1 << 8 | 1 << 18  # SIGKILL and SIGSTOP in a mask


def hash_of(data: bytes | bytearray) -> int:
    """lab_hash_words() of user/lab.h."""
    value = FNV_START
    for (word,) in struct.iter_unpack("<Q", data):
        value = (value ^ word) * FNV_PRIME & MASK
    return value


@dataclass
class Clan:
    """user/clan.c: what each of a family sees in the end."""

    seed: int
    children: int
    pages: int
    hashes: dict[int, int] = field(default_factory=dict)

    def write(self, numbers: Numbers, memories: tuple[bytearray, bytearray]) -> None:
        for _ in range(numbers.below(9)):
            at, value = numbers.below(self.pages * PAGE // 8), numbers.next()
            struct.pack_into("<Q", memories[value % 2], 8 * at, value)

    def live(self, node: int, depth: int, inherited: tuple[bytearray, bytearray]) -> None:
        numbers, total = Numbers(self.seed + node * 1000003), 0
        memories = bytearray(inherited[0]), bytearray(inherited[1])
        self.write(numbers, memories)
        born = []
        for index in range(self.children if depth else 0):
            child = node * self.children + index + (self.children == 1)
            self.live(child, depth - 1, memories)
            born.append(child)
            self.write(numbers, memories)
        for child in born:
            total += (child & 127) << 8
            self.write(numbers, memories)
        value = hash_of(memories[0]) + 3 * hash_of(memories[1]) + total
        self.hashes[node] = value & MASK


def clan(seed: int, children: int, depth: int, pages: int) -> dict[int, int]:
    family = Clan(seed, children, pages)
    family.live(1, depth, (bytearray(pages * PAGE), bytearray(pages * PAGE)))
    return family.hashes


class Scribe:
    """user/scribe.c. `steps` are what it prints and is typed, in order."""

    SIZE = 8 * PAGE

    def __init__(self, seed: int, typed: bytes) -> None:
        self.numbers, self.typed = Numbers(seed), typed
        words = [self.numbers.next() for _ in range(self.SIZE // 8)]
        self.memory = bytearray(struct.pack(f"<{len(words)}Q", *words))
        self.mask = 0

    def let_write(self, numbers: Numbers, memory: bytearray) -> bytes:
        """One write by the kernel; returns what must be typed for it."""
        at, size = numbers.below(self.SIZE - 64), 1 + numbers.below(60)
        mask = numbers.next() & ~NEVER_BLOCKED
        if numbers.below(3) == 0:
            data, self.typed = self.typed[:size], self.typed[size:]
            memory[at : at + size] = data
            return data
        struct.pack_into("<Q", memory, at & ~7, mask)
        return b""

    def turn(self, index: int) -> tuple[bytes, bytes, int, int, int]:
        """Child `index`: what the parent and the child are typed; the child's hashes, the parent's."""
        child, state = bytearray(self.memory), self.numbers.state
        for_parent = self.let_write(self.numbers, self.memory)
        before = hash_of(child)
        for_child = self.let_write(Numbers(state + index), child)
        self.numbers = Numbers(state + 1000 * index)
        return for_parent, for_child, before, hash_of(child), hash_of(self.memory)
