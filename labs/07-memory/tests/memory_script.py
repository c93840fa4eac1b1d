"""Scripts for the probe of lab `memory`, and what lies in guest memory at their stops.

    script = Script()
    script.create(0)
    script.map(0, 0x40000000, 5 * PAGE, READ | WRITE)
    script.write(0, 0x40001000, 100)
    script.stop()
    run(script, start, symbols, folder)

Each line goes to the kernel and to the model. run() compares what each line gave, and at each stop
the areas, the page tables (by grading's own walker), each page's contents, which pages share a frame,
and how many owners each frame has. The layout of frame descriptors is that of docs/mm.md, "For
walkers on the host"; areas are as in kernel/process/area.h.
"""

from __future__ import annotations

import copy
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grading.machine import Machine
from grading.sv39 import TableError, Walker
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import LINEAR, Probe
from memory_model import (
    FAILED, FIXED, PAGE, PRIVATE, TRAMPOLINE, Area, Frame, Model, Refused, Source, Space,
    words_of_key,
)  # fmt: skip

RAM = 0x80000000
USER_USE, TABLE_USE = 4, 1
ERRORS = {6: "ENXIO", 12: "ENOMEM", 13: "EACCES", 14: "EFAULT", 17: "EEXIST", 22: "EINVAL"}
ACCESSES = ("reading", "writing", "executing")
OPS = (
    "end stop create destroy fork book shared map unmap protect discard resolve write read touch "
    "heap break use_up give_back"
).split()


@dataclass
class Line:
    """A line of the script: what the kernel gets, what people read, what it should give."""

    packed: bytes
    text: str
    expected: int | Frame  # of resolve(): the frame whose address it gives
    state: Model | None = None  # at a stop


class Script:
    """Collects lines, and keeps the model in step."""

    def __init__(self) -> None:
        self.model = Model()
        self.lines: list[Line] = []
        self.use_up(), self.give_back()  # so no frame is zero by chance
        self.stop()  # the host counts the frames in use before anything happens

    def __getitem__(self, space: int) -> Space:
        return self.model.spaces[space]

    def add(self, text: str, do: Callable[[], int | Frame], op: str, space: int = 0, other: int = 0,
            how: int = 0, rights: int = 0, address: int = 0, size: int = 0, value: int = 0) -> bool:
        """Appends a line; whether the call succeeds."""
        mask = (1 << 64) - 1
        numbers = [number & mask for number in (address, size, value)]
        packed = struct.pack("<BBBBIQQQ", OPS.index(op), space, other, how, rights, *numbers)
        try:
            expected = do()
        except Refused as refused:
            expected = FAILED | refused.number
        self.lines.append(Line(packed, text, expected))
        return not (isinstance(expected, int) and expected & FAILED)

    def plain(self, op: str, space: int = 0, **fields: int) -> None:
        """A line that the model does not follow."""
        self.add(op, lambda: 0, op, space, **fields)

    def stop(self) -> None:
        self.add("stop", lambda: 0, "stop")
        self.lines[-1].state = copy.deepcopy(self.model)

    # Spaces and sources.

    def create(self, space: int) -> None:
        self.model.spaces[space] = Space()
        self.add(f"space {space} is made", lambda: 0, "create", space)

    def destroy(self, space: int) -> None:
        self.model.spaces.pop(space, None)
        self.add(f"space {space} goes", lambda: 0, "destroy", space)

    def fork(self, space: int, child: int) -> None:
        self.model.spaces[child] = self.model.fork(self[space])
        self.add(f"fork of space {space} to {child}", lambda: 0, "fork", space, child)

    def book(self, number: int, pages: int, key: int, keeps: bool = True) -> None:
        self.model.sources[number] = Source(number, pages, key, keeps)
        text = f"source {number}: a book of {pages} pages"
        self.add(text, lambda: 0, "book", 0, number, int(keeps), size=pages, value=key)

    def shared(self, number: int, pages: int) -> None:
        self.model.sources[number] = Source(number, pages, None, True)
        text = f"source {number}: shared memory of {pages} pages"
        self.add(text, lambda: 0, "shared", 0, number, size=pages)

    # Calls.

    def map(self, space: int, address: int, size: int, rights: int, sharing: int = PRIVATE,
            source: int = 0, offset: int = 0, placement: int = FIXED) -> bool:  # fmt: skip
        kind = ("private", "shared", "shared for reading")[sharing]
        place = ("near", "at", "at (not over anything)")[placement]
        text = f"map({size:#x} bytes {place} {address:#x} in space {space}, {rights_text(rights)}, {kind}"
        text += f", source {source} from page {offset})" if source else ")"
        return self.add(
            text,
            lambda: self.model.map(self[space], address, size, rights, sharing, source, offset, placement),
            "map", space, source, placement + 4 * sharing, rights, address, size, offset,
        )  # fmt: skip

    def call(self, op: str, space: int, address: int, size: int, rights: int = 0) -> bool:
        """unmap, protect or discard."""
        model, there = self.model, self[space]
        does = {
            "unmap": lambda: model.unmap(there, address, size),
            "protect": lambda: model.protect(there, address, size, rights),
            "discard": lambda: model.discard(there, address, size),
        }
        more = f", {rights_text(rights)}" if op == "protect" else ""
        text = f"{op}({size:#x} bytes at {address:#x} in space {space}{more})"
        return self.add(text, does[op], op, space, rights=rights, address=address, size=size)

    def resolve(self, space: int, address: int, access: int) -> bool:
        text = f"resolve({address:#x} in space {space}, for {ACCESSES[access]})"
        do = lambda: self.model.resolve(self[space], address, access)  # noqa: E731
        return self.add(text, do, "resolve", space, how=access, address=address)

    def write(self, space: int, address: int, size: int, key: int) -> bool:
        text = f"copy_out({size} bytes to {address:#x} in space {space})"
        do = lambda: self.model.write(self[space], address, words_of_key(key, size))  # noqa: E731
        return self.add(text, do, "write", space, address=address, size=size, value=key)

    def read(self, space: int, address: int) -> bool:
        text = f"copy_in(the word at {address:#x} in space {space})"
        do = lambda: self.model.read(self[space], address)  # noqa: E731
        return self.add(text, do, "read", space, address=address)

    def heap(self, space: int, address: int) -> None:
        self[space].heap = address, address
        self.add(f"space {space}'s heap starts at {address:#x}", lambda: 0, "heap", space,
                 address=address)  # fmt: skip

    def set_break(self, space: int, address: int) -> bool:
        do = lambda: self.model.set_break(self[space], address)  # noqa: E731
        return self.add(f"set_break({address:#x} in space {space})", do, "break", space, address=address)

    def use_up(self) -> None:
        self.model.memory = False
        self.add("all free memory is taken", lambda: 0, "use_up")

    def give_back(self) -> None:
        self.model.memory = True
        self.add("memory is given back", lambda: 0, "give_back")


def rights_text(rights: int) -> str:
    return "".join(c if rights >> i & 1 else "-" for i, c in enumerate("rwx"))


def outcome_text(outcome: int) -> str:
    if not outcome & FAILED:
        return f"{outcome:#x}"
    return ERRORS.get(outcome & ~FAILED, f"error {outcome & ~FAILED}")


class Guest(Probe):
    """A machine under gdb that runs a script."""

    def __init__(self, start: Callable[..., Machine], symbols: Symbols, folder: Path,
                 script: Script, memory: str = "20M", picture: bool = True) -> None:
        path = folder / "script.bin"
        path.write_bytes(b"".join(line.packed for line in script.lines) + bytes(32))
        append = "ktest=memory_lab_script"
        machine = start(gdb=True, initrd=path, append=append, memory=memory)
        super().__init__(machine, symbols, "memory_lab")
        self.size = int(memory[:-1]) << 20
        self.places: dict[int, int] = {}  # of frames: number -> physical address
        self.resolved: dict[int, tuple[int, str]] = {}  # what resolve() gave for a frame, and where
        self.ram: bytes | None = None
        self.picture = picture
        self._leaves: dict[int, dict[int, tuple[int, int]]] = {}  # by space, as of this stop
        self._addresses: dict[str, int] = {}

    def run_to_stop(self) -> None:
        """Runs to the next stop. If it shall, takes a picture of all memory to answer reads from."""
        self.ram, self._leaves = None, {}
        super().run_to_stop()
        self.ram = self.read(RAM, self.size) if self.picture else None
        array, first, count, _ = self.words("frame_array", 4)
        self._first, self._descriptors = first, self.read(array - LINEAR, 32 * count)

    def read(self, physical: int, size: int) -> bytes:
        if self.ram is None or physical < RAM:
            return super().read(physical, size)
        return self.ram[physical - RAM : physical - RAM + size]

    def address(self, name: str) -> int:
        if name not in self._addresses:
            self._addresses[name] = super().address(name)
        return self._addresses[name]

    def root(self, space: int) -> int:
        return self.words("memory_lab_spaces", 4 * (space + 1))[4 * space]

    def leaves(self, space: int) -> dict[int, tuple[int, int]]:
        """What is mapped below the trampoline: address -> (physical, flags)."""
        if space not in self._leaves:
            self._leaves[space] = self._walk(space)
        return self._leaves[space]

    def _walk(self, space: int) -> dict[int, tuple[int, int]]:
        root = self.root(space)

        def read(physical: int, size: int) -> bytes:
            data = self.read(physical, size)
            # The upper half is the kernel's, in every space.
            return data[: PAGE // 2] + bytes(PAGE // 2) if physical == root else data

        try:
            found = Walker(read, root).mappings()
        except (TableError, IndexError) as error:
            fail(f"the page table of space {space} is not right: {error}")
            raise
        for leaf in found:
            if leaf.virtual < TRAMPOLINE and not RAM <= leaf.physical < RAM + self.size:
                fail(f"in space {space} {leaf.virtual:#x} is mapped to {leaf.physical:#x}: no memory")
        return {m.virtual: (m.physical, m.flags) for m in found if m.virtual < TRAMPOLINE}

    def areas(self, space: int) -> list[Area]:
        """The list of areas below the trampoline; sources by their pagers' addresses."""
        _, at, count, _ = self.words("memory_lab_spaces", 4 * (space + 1))[4 * space :]
        data = self.read(at - LINEAR, 40 * count) if count else b""
        rows = struct.iter_unpack("<QQIB3xQQ", data)
        areas = [Area(a, b, rights, how, pager, page) for a, b, rights, how, pager, page in rows]
        return [area for area in areas if area.start < TRAMPOLINE]

    def resident(self, space: int) -> int:
        return self.words("memory_lab_spaces", 4 * (space + 1))[4 * space + 3]

    def references(self, physical: int) -> int:
        """How many owners the frame's descriptor counts."""
        at = 32 * (physical // PAGE - self._first)
        return int.from_bytes(self._descriptors[at : at + 4], "little")

    def used(self, use: int) -> int:
        """How many frames are in use for this, by the counters of the harts."""
        data = self.read(self.physical("frame_caches"), 320 * 8)
        return sum(struct.unpack_from("<q", data, 320 * hart + 264 + 8 * use)[0] for hart in range(8))

    def told(self) -> set[tuple[int, int]]:
        (count,) = self.words("memory_lab_told_count", 1)
        notes = self.words("memory_lab_told", count) if count else ()
        return {(note >> 16, note & 0xFFFF) for note in notes}


def random_pages(rng: random.Random, clusters: int, pages: int) -> list[int]:
    """Stretches of pages that begin near the border of a lowest table, far from each other."""
    places = rng.sample(range(8, 1 << 16), clusters)
    return [(place << 21) - rng.randrange(1, pages) * PAGE for place in places]
