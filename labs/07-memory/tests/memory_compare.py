"""Runs a script of memory_script.py and compares the guest with the model at every stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from grading.machine import Machine
from grading.sv39 import A, D, U, V
from grading.symbols import Symbols
from labs.grade import check, fail
from memory_model import FAILED, PAGE, Frame, Model
from memory_script import USER_USE, Guest, Line, Script, outcome_text, rights_text

WHY = {
    "map": "size is rounded up to pages; a hint is taken if all of it is free, else the highest room "
    "below kMmapTop; EEXIST (kNoReplace) changes nothing",
    "unmap": "what is not mapped is no error; EINVAL is for a start inside a page and for size 0",
    "protect": "ENOMEM where there is a hole, EACCES where a file that was not open for writing "
    "would become writable; then nothing has changed",
    "resolve": "EFAULT: no area; EACCES: the area does not allow it; ENXIO: its source has no such "
    "page; ENOMEM",
    "copy_out": "a copy to user memory finds each page as a store would: absent, shared, whatever",
    "copy_in": "what one space writes is seen in that space alone, but for shared areas",
    "set_break": "a heap that shrinks unmaps what is no longer used",
    "fork": "ENOMEM, and both spaces are as if nothing had happened",
}


def run(script: Script, start: Callable[..., Machine], symbols: Symbols, folder: Path,
        memory: str = "20M") -> Guest:  # fmt: skip
    """Runs the script to its end; the guest stands there, and all was as it should be."""
    if script.lines[-1].state is None:
        script.stop()
    guest = Guest(start, symbols, folder, script, memory)
    done, before = 0, -1
    for number, line in enumerate(script.lines):
        if line.state is None:
            continue
        guest.run_to_stop()
        if before < 0:
            before = guest.used(USER_USE)
        _check_results(guest, script.lines[done:number], done, guest.results(number)[done:])
        done = number
        _check_state(guest, line.state, f"after line {number - 1}", before)
    return guest


def _check_results(guest: Guest, lines: list[Line], first: int, results: tuple[int, ...]) -> None:
    for number, (line, seen) in enumerate(zip(lines, results), start=first):
        why = WHY.get(line.text.split("(")[0].split(" ")[0], "")
        what = f"line {number}: {line.text}"
        if isinstance(line.expected, Frame):
            if seen & FAILED:
                fail(f"{what} gave {outcome_text(seen)}, but should succeed", why)
            guest.resolved[line.expected.number] = (seen, what)
        else:
            check(what, seen=outcome_text(seen), expected=outcome_text(line.expected), why=why)


def _check_state(guest: Guest, model: Model, when: str, before: int) -> None:
    for space in model.spaces:
        _check_areas(guest, model, space, when)
    for space in model.spaces:
        _check_pages(guest, model, space, when)
    _check_frames(guest, model, when)
    check(
        f"{when}: frames that user memory takes",
        seen=guest.used(USER_USE) - before,
        expected=len(model.owners()),
        why="who takes a page away gives its frame back; a frame without owners is free",
    )
    check(
        f"{when}: (source, page) that a source was told will be written",
        seen=sorted(guest.told()),
        expected=sorted(model.told),
        why="page(…, kWrite) is for writes through a shared mapping, and for nothing else: only "
        "so does the source know which pages to write back",
    )


def _check_areas(guest: Guest, model: Model, space: int, when: str) -> None:
    pagers: dict[int, int] = {}  # the model's number of a source -> its address
    seen, expected = guest.areas(space), model.spaces[space].areas
    for a, b in zip(seen, expected):
        same = pagers.setdefault(b.source, a.source) == a.source
        same = same and (b.source == 0) == (a.source == 0)
        same = same and (b.source == 0 or a.offset == b.offset)
        if not same or (a.start, a.end, a.rights, a.sharing) != (b.start, b.end, b.rights, b.sharing):
            check(f"{when}: an area of space {space}", seen=_area_text(a, bool(same)),
                  expected=_area_text(b, True), why="areas are sorted, do not overlap, and are joined "
                  "where one goes on in every respect where another ends")  # fmt: skip
    why = "areas are joined where one goes on in every respect where another ends (merge_around)"
    check(f"{when}: how many areas space {space} has", seen=len(seen), expected=len(expected), why=why)


def _area_text(area, right_source: bool) -> str:  # type: ignore[no-untyped-def]
    kind = ("private", "shared", "shared for reading")[area.sharing]
    more = f", page {area.offset} of its source" if area.source else ""
    more += "" if right_source else " (not the right source or page)"
    return f"{area.start:#x} to {area.end:#x} {rights_text(area.rights)} {kind}{more}"


def _letters(flags: int) -> str:
    return "".join(c for c, bit in zip("rwx", (2, 4, 8)) if flags & bit)


def _check_pages(guest: Guest, model: Model, space: int, when: str) -> None:
    seen = guest.leaves(space)
    pages = model.spaces[space].pages
    expected = {at: page for at, page in pages.items() if page.letters}
    for at in sorted(seen.keys() - expected.keys()):
        fail(
            f"{when}: in space {space} the page {at:#x} is mapped ({_letters(seen[at][1])}), and should "
            "not be",
            "a page comes when it is touched, and goes with its area; PROT_NONE takes V away",
        )
    for at in sorted(expected.keys() - seen.keys()):
        fail(f"{when}: in space {space} the page {at:#x} should be there, and is not",
             "a page that was touched stays until it is unmapped; a child has its parent's "
             "private pages from the start")  # fmt: skip
    for at, page in sorted(expected.items()):
        flags = seen[at][1]
        check(
            f"{when}: in space {space} what the entry of {at:#x} allows",
            seen=_letters(flags),
            expected=page.letters,
            why="writing is allowed while the frame is this space's alone (private), or once its "
            "source has been told (shared)",
        )
        if flags & (V | U | A | D) != V | U | A | D:
            fail(f"{when}: in space {space} the entry of {at:#x} lacks one of V, U, A, D: {flags:#x}")
    check(f"{when}: resident_pages_ of space {space}", seen=guest.resident(space), expected=len(pages),
          why="each entry that is not 0 is counted, once")  # fmt: skip


def _check_frames(guest: Guest, model: Model, when: str) -> None:
    """Which pages share a frame, what is in it, and how many owners it counts."""
    where: dict[int, list[tuple[int, int]]] = defaultdict(list)
    frames: dict[int, Frame] = {}
    for space, there in model.spaces.items():
        for at, page in there.pages.items():
            if page.letters:
                where[page.frame.number].append((space, at))
                frames[page.frame.number] = page.frame
    leaves = {space: guest.leaves(space) for space in model.spaces}
    owners, users = model.owners(), {}
    known = {n: place for n, place in guest.places.items() if n in owners}
    guest.places = known
    for number, pages in where.items():
        for space, at in pages:
            place = leaves[space][at][0]
            if known.setdefault(number, place) != place:
                other = next(((s, a) for s, a in pages if (s, a) != (space, at)), None)
                beside = f" with {_page_text(*other)}" if other else " that it had before"
                fail(f"{when}: {_page_text(space, at)} has another frame than it should share{beside}",
                     "a page is copied by its first write, and only if its frame has another "
                     "owner")  # fmt: skip
            users.setdefault(place, (number, space, at))
            if users[place][0] != number:
                fail(f"{when}: {_page_text(space, at)} and {_page_text(*users[place][1:])} share a frame, "
                     "and should not", "what one of them writes, the other sees")  # fmt: skip
    for number, pages in where.items():
        place, (space, at) = known[number], pages[0]
        if number in guest.resolved and guest.resolved[number][0] != place:
            fail(f"{when}: {_page_text(space, at)} has another frame than it had at {guest.resolved[number][1]}",
                 "a page is copied by its first write, and only if its frame has another owner")  # fmt: skip
        data = guest.read(place, PAGE)
        if data != frames[number].data:
            byte = next(i for i in range(PAGE) if data[i] != frames[number].data[i])
            check(f"{when}: byte {byte} of {_page_text(space, at)}", seen=data[byte],
                  expected=frames[number].data[byte],
                  why="a new page is zero, or what its source has, or a copy of what it was")  # fmt: skip
        also = f", which {len(pages)} spaces have" if len(pages) > 1 else ""
        check(f"{when}: owners of the frame of {_page_text(space, at)}{also}",
              seen=guest.references(place), expected=owners[number],
              why="each entry that leads to a frame is an owner of it, and so is a source that keeps "
              "it")  # fmt: skip


def _page_text(space: int, at: int) -> str:
    return f"the page {at:#x} of space {space}"
