"""Files for the four checks of elf_validate(): wrong ones, each with its sentence, and right ones.

A right file is as near to a wrong one as it can be: a check that is too strict refuses it. All
numbers come from the test's seed. `why` is what one has usually forgotten.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from stage_calls import MemoryMap

from grading.elf_file import KERNEL, LINEAR, NOTE, Elf, R, Segment, W, X, ident

TOP = 1 << 64
MEMORY = MemoryMap([(0x80000000, 0x8000000)], [(0x80000000, 0x200000, "OpenSBI")])


@dataclass
class Case:
    """One file. No sentence: it must be accepted, with `entry` as its physical entry."""

    name: str
    file: bytes
    sentence: str = ""
    why: str = ""
    entry: int = 0
    memory: MemoryMap = MEMORY


def sound(rng: random.Random, count: int = 0) -> list[Segment]:
    """Segments in a row, with gaps, small in the file; the first is executable."""
    segments, place = [], KERNEL
    for number in range(count or rng.randint(1, 4)):
        align = rng.choice([0, 1, 4, 16])
        place += rng.randrange(0, 0x4000, 16)
        data = rng.randbytes(rng.randint(1, 60))
        memsz = len(data) + rng.choice([0, 1, rng.randint(1, 0x2000)])
        flags = R | X if number == 0 else rng.choice([R, R | W])
        segments.append(Segment(place, data, place + LINEAR, memsz, flags, align=align))
        place += memsz + -memsz % 16
    return segments


def accepted(name: str, elf: Elf, why: str, memory: MemoryMap = MEMORY) -> Case:
    return Case(name, elf.build(), why=why, entry=elf.segments[0].paddr, memory=memory)


# Exercise 3.


def header_cases(rng: random.Random) -> list[Case]:
    cases = []

    def wrong(name: str, sentence: str, why: str, **fields: int | bytes) -> None:
        cases.append(Case(name, Elf(sound(rng), header=fields).build(), sentence, why))

    def other(than: int, bits: int = 8) -> int:
        return rng.choice([n for n in (rng.getrandbits(bits), than + 1, 0) if n != than])

    size = rng.randint(1, 63)
    for length in (0, size):
        cases.append(
            Case(f"a file of {length} bytes", Elf(sound(rng)).build()[:length],
                 f"the file has {length} bytes, too few for an ELF header",
                 "the size of the file must be checked before anything is read from it")
        )  # fmt: skip
    magic = bytearray(b"\x7fELF")
    at = rng.randrange(4)
    magic[at] = other(magic[at])
    wrong(f"a magic number with another byte {at}",
          "the file is not ELF: it starts with " + magic.hex(" "),
          "all four bytes count", ident=bytes(magic) + b"\2\1\1" + bytes(9))  # fmt: skip
    why = "each field that says what kind of file this is has to be looked at"
    n = rng.choice([0, 1, 3])
    wrong("a file of another class", f"the class is {n}, not 2 (64-bit)", why, **ident(b4=n))
    n = rng.choice([0, 2])
    wrong("another byte order", f"the byte order is {n}, not 1 (little endian)", why, **ident(b5=n))
    n = other(1)
    wrong("another version", f"the version in the identification is {n}, not 1 (current)", why,
          **ident(b6=n))  # fmt: skip
    n = rng.choice([0, 1, 3, 4])
    wrong("another type", f"the type is {n}, not 2 (executable)", why, type=n)
    n = rng.choice([3, 40, 62, 183, rng.randrange(244, 1000)])
    wrong("another machine", f"the machine is {n}, not 243 (RISC-V)", why, machine=n)
    n = other(1, 31)
    wrong("another version", f"the version is {n}, not 1 (current)", why, version=n)
    n = rng.choice([52, 63, 65, 128])
    wrong("another header size", f"the size of the ELF header is {n}, not 64 (ELF64)", why, ehsize=n)
    n = rng.choice([0, 32, 55, 57, 112])
    wrong("another size of program headers",
          f"the size of a program header is {n}, not 56 (ELF64)", why, phentsize=n)  # fmt: skip
    wrong("two faults", "the class is 1, not 2 (64-bit)",
          "the checks are made in the order of the table, and the first that fails decides",
          **ident(b4=1), machine=62)  # fmt: skip
    n = rng.choice([33, rng.randint(34, 0xFFFF)])
    wrong(f"{n} program headers", f"the file has {n} program headers, more than 32",
          "kMaxProgramHeaders is how many a plan has room for", phnum=n)  # fmt: skip
    return cases + table_cases(rng)


def table_cases(rng: random.Random) -> list[Case]:
    """Where the program headers are; and what a check must let pass."""
    cases = []
    elf = Elf(sound(rng), tail=rng.randbytes(rng.randint(0, 40)))
    count, size = len(elf.segments), len(elf.build())
    why = "the table's size must be compared with what is left of the file behind its start: " \
          "a sum of two numbers from the file may wrap around"  # fmt: skip
    for name, at in (
        ("headers behind the end of the file", size + rng.randint(1, 1 << 40)),
        ("headers that end behind the file", size - 56 * count + rng.randint(1, 56 * count)),
        ("headers one byte too far", size - 56 * count + 1),
        ("headers whose end wraps around", TOP - rng.randint(1, 56 * count)),
    ):
        text = f"{count} program headers at file offset {at:#x} are not inside the file"
        cases.append(Case(name, replace(elf, header={"phoff": at}).build(), text, why))
    strict = "the file is sound; a check is stricter than the table in docs/boot.md"
    cases.append(accepted("headers that end where the file ends",
                          Elf(sound(rng), table_last=True), strict))  # fmt: skip
    idle = [Segment(type=rng.choice([0, NOTE, 0x70000003]), data=b"", offset=1 << 60)
            for _ in range(31)]  # fmt: skip
    cases.append(accepted("32 program headers", Elf(sound(rng, 1) + idle), strict))
    fields = {name: rng.getrandbits(16) for name in ("shentsize", "shnum", "shstrndx", "flags")}
    fields["shoff"] = rng.getrandbits(64)
    unused = ident(b7=rng.getrandbits(8), b8=rng.getrandbits(8), b15=rng.getrandbits(8))
    cases.append(accepted("odd numbers where a loader does not look",
                          Elf(sound(rng), header=fields | unused), strict))  # fmt: skip
    return cases


# Exercise 4. The segment in question is the first, so that nothing is asked of exercise 5 before.


def idle_headers(rng: random.Random) -> list[Segment]:
    """Headers that are no segments, and segments of no bytes: they count, and nothing else."""
    empty = Segment(rng.getrandbits(40), b"", 0, 0, align=1, offset=0)
    other = Segment(type=rng.choice([0, NOTE, 0x70000003]), data=b"", offset=1 << 60)
    return [rng.choice([empty, other]) for _ in range(rng.randint(0, 4))]


def contents_cases(rng: random.Random) -> list[Case]:
    cases = []

    def build(**changes: object) -> tuple[Elf, int]:
        """A file whose first segment has these changes; and the number of its header."""
        idle, segments = idle_headers(rng), sound(rng)
        segments[0] = replace(segments[0], **changes)  # type: ignore[arg-type]
        return Elf(idle + segments), len(idle)

    def wrong(name: str, sentence: str, why: str, **changes: object) -> None:
        elf, number = build(**changes)
        cases.append(Case(name, elf.build(), f"segment {number}: {sentence}", why))

    whole = "compare the size with what the file has left behind the offset, as sums may wrap around"
    start = "an offset must be compared with the size of the file before anything else"
    for name, at in (
        ("an offset behind the end", rng.randint(1 << 12, 1 << 50)),
        ("the offset that stopped goose once", 0xFFFFFFFFFFFF1000),
        ("a segment of no bytes behind the end", TOP - rng.randint(1, 4000)),
    ):
        wrong(name, f"file offset {at:#x} is outside the file", start,
              offset=at, align=1, filesz=0 if "no bytes" in name else None)  # fmt: skip
    for name, at, length in (
        ("bytes that go one past the end", 64, 0),
        ("bytes that go far past the end", rng.randint(0, 110), rng.randint(1 << 12, 1 << 40)),
        ("bytes whose end wraps around", 64 + rng.randint(1, 40), TOP - rng.randint(1, 60)),
    ):
        elf, number = build(data=b"d" * 8, align=1, offset=at, filesz=1, memsz=1)
        length = length or len(elf.build()) - at + 1
        elf.segments[number].filesz = elf.segments[number].memsz = length
        text = f"segment {number}: {length:#x} bytes at file offset {at:#x} go past the end of the file"
        cases.append(Case(name, elf.build(), text, whole))
    n = rng.randint(2, 40)
    for less in (1, rng.randint(1, n)):
        wrong(f"{less} bytes more in the file than in memory",
              f"{n:#x} bytes in the file do not fit into {n - less:#x} in memory",
              "loading such a segment would write past its memory",
              data=rng.randbytes(n), memsz=n - less)  # fmt: skip
    n = rng.choice([3, 6, 0x1800, rng.getrandbits(7) * 16 + 24])
    wrong("an odd alignment", f"alignment {n:#x} is not a power of two",
          "alignments are 0, 1, or a power of two", align=n, offset=0, filesz=0)  # fmt: skip
    return cases + alignment_cases(rng) + sound_contents(rng)


def alignment_cases(rng: random.Random) -> list[Case]:
    """Offset, virtual and physical address must agree modulo the alignment, all three."""
    cases = []
    align = 1 << rng.randint(4, 8)
    step = rng.randrange(1, align)
    place = KERNEL + 0x20000
    for name, offset, vaddr, paddr in (
        ("another offset than the address allows", step, place, place),
        ("a physical address that does not fit", 0, place, place + step),
        ("a virtual address that does not fit", 0, place + step, place),
    ):
        segment = Segment(paddr, b"", vaddr + LINEAR, 64, R, align=align, offset=offset)
        idle = idle_headers(rng)
        text = (f"segment {len(idle)}: file offset {offset:#x}, virtual address {vaddr + LINEAR:#x} "
                f"and physical address {paddr:#x} differ modulo {align:#x}")  # fmt: skip
        file = Elf([*idle, segment, Segment(data=b"c" * 300, align=1)]).build()
        cases.append(Case(name, file, text, "all three are compared: offset, p_vaddr, p_paddr"))
    return cases


def sound_contents(rng: random.Random) -> list[Case]:
    why = "the file is sound; a check is stricter than the table in docs/boot.md"
    code, place = Segment(data=rng.randbytes(20), align=1), KERNEL + 0x10000
    shift = rng.randrange(1, 16)
    size = len(Elf([code, Segment(place, b"", align=1)]).build())
    return [
        accepted(name, Elf([code, segment], tail=b""), why)
        for name, segment in (
            ("bytes up to the end of the file", Segment(place, rng.randbytes(9), align=1, memsz=9)),
            ("no bytes, at the end of the file",
             Segment(place, b"", align=0, memsz=5, offset=size)),
            ("as many bytes in memory as in the file", Segment(place, b"x" * 33, align=1)),
            ("addresses that are unaligned alike", Segment(place + shift, b"x" * 9, align=16)),
            ("alignment 0", Segment(place + shift, b"x" * 9, align=0)),
            ("a segment of no memory, anywhere", Segment(rng.getrandbits(40), b"", 0, 0, align=1)),
            ("a header of another type, full of nonsense",
             Segment(TOP - 1, b"", TOP - 1, 5, 7, NOTE, 3, TOP - 1, TOP - 9)),
        )
    ]  # fmt: skip


# Exercise 5.


def random_map(rng: random.Random) -> MemoryMap:
    """RAM in two pieces that touch and one that does not, with room taken of it."""
    first = rng.randrange(0x10, 0x40) << 16
    ram = [(0x80000000, 0x1000000), (0x81000000, first), (0x88000000, rng.randrange(1, 99) << 12)]
    rng.shuffle(ram)
    owners = ["OpenSBI", "the boot stage", "the device tree", "the initrd", "reserved memory"]
    rng.shuffle(owners)
    starts = sorted(rng.sample(range(0x80800000, 0x80F00000, 0x10000), len(owners)))
    taken = [(start, rng.randint(2, 0x8000), owner) for start, owner in zip(starts, owners)]
    rng.shuffle(taken)
    return MemoryMap(ram, taken)


def place_cases(rng: random.Random) -> list[Case]:
    memory = random_map(rng)
    cases = []

    def put(name: str, paddr: int, size: int, what: str, why: str, vaddr: int | None = None) -> None:
        """A segment `size` long at `paddr`, after a sound one; wrong if `what` says how."""
        code = Segment(data=b"c" * 16, memsz=0x1000, align=1)
        more = Segment(paddr, b"", vaddr, size, R | W, align=1, offset=0)
        elf = Elf([code, more])
        text = f"segment 1: {size:#x} bytes at {paddr:#x} {what}" if what else ""
        cases.append(Case(name, elf.build(), text, why, KERNEL, memory))

    n = rng.randint(1, 0x8000)
    at = TOP - rng.randint(1, n)
    cases.append(
        Case("virtual addresses that wrap around",
             Elf([Segment(align=1), Segment(KERNEL + 0x8000, b"", at, n + 1, R, align=1)]).build(),
             f"segment 1: {n + 1:#x} bytes at virtual address {at:#x} wrap around",
             "the last byte's virtual address must not be below the first's", memory=memory)
    )  # fmt: skip
    put("virtual addresses up to the last", KERNEL + 0x8000, n, "", SOUND_PLACE, TOP - n)
    outside, lone = "are not inside RAM", next(piece for piece in memory.ram if piece[0] == 0x88000000)
    whole = "the whole segment must lie in one piece of RAM: its start, its end and all between"
    end = lone[0] + lone[1]
    put("memory below all RAM", rng.randrange(0x1000, 0x70000000), n, outside, whole)
    put("memory that ends one byte behind RAM", end - n, n + 1, outside, whole)
    put("memory that begins one byte before RAM", lone[0] - 1, 9, outside, whole)
    put("memory from one piece of RAM into the next", 0x81000000 - 1, 2, outside, whole)
    put("memory around a whole piece of RAM", lone[0] - 1, lone[1] + 2, outside, whole)
    put("memory whose end wraps around", TOP - n, n + 0x80400010, outside, whole, 0x1000)
    put("a piece of RAM from its first to its last byte", *lone, "", SOUND_PLACE)
    return cases + overlap_cases(rng, memory) + between_segments(rng, memory)


SOUND_PLACE = "the segment is in RAM and touches nobody; ends are one past the last byte"
FOUR_WAYS = "two pieces overlap in four ways: start inside, end inside, around, within"


def overlap_cases(rng: random.Random, memory: MemoryMap) -> list[Case]:
    cases = []
    for start, size, owner in memory.occupied:
        end, inner = start + size, rng.randrange(size)
        ways = [
            ("whose last byte is", start - 40, 41), ("whose first byte is", end - 1, 30),
            ("around all that is", start - 1, size + 2), ("that is within what is", start + inner, 1),
        ]  # fmt: skip
        for name, paddr, length in rng.sample(ways, 2) if owner != "OpenSBI" else ways:
            elf = Elf([Segment(align=1), Segment(paddr, b"", None, length, R, align=1, offset=0)])
            text = f"segment 1: {length:#x} bytes at {paddr:#x} overlap {owner}"
            cases.append(
                Case(f"memory {name} {owner}'s", elf.build(), text, FOUR_WAYS, memory=memory)
            )
        for name, paddr in (("before", start - 16), ("behind", end)):
            elf = Elf([Segment(align=1), Segment(paddr, b"", None, 16, R, align=1, offset=0)])
            cases.append(accepted(f"memory right {name} {owner}", elf, SOUND_PLACE, memory))
    return cases


def between_segments(rng: random.Random, memory: MemoryMap) -> list[Case]:
    """Three segments, of which the last meets one of the others; the plan has room between."""
    cases = []
    first, second = (KERNEL, 0x1000), (KERNEL + 0x8000, 0x800)
    for number, (start, size) in enumerate((first, second)):
        within = rng.randrange(1, size)
        for name, paddr, length in (
            ("begins in", start + size - 1, 9), ("ends in", start - 9, 10),
            ("is around", start - 1, size + 2), ("is within", start + within, 1),
        ):  # fmt: skip
            pieces = [first, second, (paddr, length)]
            elf = Elf([Segment(p, b"c" if n > 1 else b"", None, n, align=1) for p, n in pieces])
            text = f"segment 2: {length:#x} bytes at {paddr:#x} overlap segment {number}"
            why = "every segment before it counts, not only the last one. " + FOUR_WAYS
            cases.append(Case(f"a segment that {name} segment {number}", elf.build(), text, why,
                              memory=memory))  # fmt: skip
    pieces = [first, second, (KERNEL + 0x1000, 0x7000)]
    elf = Elf([Segment(p, b"c", None, n, align=1) for p, n in pieces])
    cases.append(accepted("a segment that fills a gap", elf, SOUND_PLACE, memory))
    elf = Elf([Segment(), Segment(KERNEL + 0x8020, vaddr=KERNEL + LINEAR + 32, flags=R, align=32)])
    cases.append(accepted("segments that overlap in virtual memory only", elf,
                          "the loader puts bytes into physical memory: p_paddr counts", memory))  # fmt: skip
    return cases


# Exercise 6.


def entry_cases(rng: random.Random) -> list[Case]:
    cases = []
    nowhere = "an entry is a virtual address, inside a segment from its first to its last byte"
    for _ in range(3):
        segments = sound(rng, 4)
        for segment in segments[1:]:  # each with an offset of its own between its addresses
            segment.vaddr = segment.paddr + rng.randrange(1 << 30, 1 << 38, 4096)
        code = rng.randrange(4)
        for number, segment in enumerate(segments):
            segment.flags = R | X if number == code else rng.choice([R, R | W])
        home = segments[code]
        size = len(home.memory) & ~1
        for name, offset in (
            ("the first byte", 0), ("the last place", max(size - 2, 0)),
            ("somewhere", rng.randrange(0, max(size, 2), 2)),
        ):  # fmt: skip
            elf = Elf(segments, home.linked + offset)
            why = "the entry becomes physical by its own segment: e_entry - p_vaddr + p_paddr"
            if offset >= len(home.data):
                why = "p_memsz counts, not p_filesz"
            cases.append(Case(f"an entry in segment {code}: {name}", elf.build(), "", why,
                              home.paddr + offset))  # fmt: skip
        data = (code + rng.randint(1, 3)) % 4
        at = segments[data].linked
        for name, entry, sentence, why in (
            ("behind its segment", home.linked + len(home.memory), "in no segment", nowhere),
            ("that is physical", home.paddr, "in no segment", nowhere),
            ("before its segment", home.linked - 2, "in no segment", nowhere),
            ("in data", at, f"in segment {data}, which is not executable", "PF_X is in its flags"),
            ("at an odd address", home.linked + 1, "at an odd address",
             "instructions begin at even addresses"),
        ):  # fmt: skip
            text = f"the entry {entry:#x} is {sentence}"
            if name == "at an odd address" and len(home.memory) < 2:
                continue
            cases.append(Case(f"an entry {name}", Elf(segments, entry).build(), text, why))
    only_bss = Segment(KERNEL, b"", None, 64, R | X, align=1, offset=0)
    cases.append(accepted("an entry in memory that the file does not fill", Elf([only_bss]),
                          "p_memsz counts, not p_filesz"))  # fmt: skip
    none = Elf([replace(only_bss, type=NOTE)], KERNEL)
    cases.append(Case("a file of no segments", none.build(),
                      f"the entry {KERNEL:#x} is in no segment", nowhere))  # fmt: skip
    return cases
