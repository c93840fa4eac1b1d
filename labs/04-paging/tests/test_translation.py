"""Lab 4, exercises 5 and 6: what the hart translates by. The host reads satp, steps through single
instructions, walks the kernel's table by itself and predicts what each access of a random script
must give."""

from __future__ import annotations

import struct

import paging_host as host
import pytest
from paging_host import LINEAR, PAGE, Guest, R, U, W, X, letters

from labs.grade import check, fail

# Exercise 5.


@pytest.mark.points(5, exercise=5)
def test_satp_names_table_and_asid(start, symbols, folder, rng):
    """switch_satp() makes the hart translate by the table, with the ASID, in mode Sv39."""
    asids = [rng.randrange(1, 1 << 16) for _ in range(3)]
    script = []
    for table, asid in enumerate(asids):
        script += [host.create(table), host.switch(table, asid), host.stop()]
    guest = Guest(start, symbols, folder, [host.stop(), *script])
    guest.run_to_stop()
    at_boot = guest.satp()
    first = guest.physical("first_page_table") // PAGE
    check(
        "after booting the hart translates by a table of floor mm",
        seen="entry.S's first table" if at_boot & (1 << 44) - 1 == first else "another",
        expected="another",
        why="nothing was written to satp",
    )
    for table, asid in enumerate(asids):
        guest.run_to_stop()
        root = guest.results(3 * table + 2)[-1]
        check(
            f"satp after switch_satp({root:#x}, {asid:#x})",
            seen=f"{guest.satp():#018x}",
            expected=f"{8 << 60 | asid << 44 | root // PAGE:#018x}",
            why="mode 8 in bits 63 to 60, the ASID from bit 44 on, the root's page number below",
        )


@pytest.mark.points(4, exercise=5)
def test_flushes_are_the_right_instructions(start, symbols, folder, rng):
    """Each flush comes to one sfence.vma with the operands that say what is forgotten."""
    va, asid = rng.randrange(1, 1 << 26) * PAGE, rng.randrange(1, 1 << 16)
    script = [host.flush_page(va, asid), host.flush_global(va), host.flush_asid(asid)]
    guest = Guest(start, symbols, folder, script)
    for function, operands in (
        ("flush_page", (va, asid)),
        ("flush_global", (va, "x0")),
        ("flush_asid", ("x0", asid)),
    ):
        guest.run_to(f"paging_lab_{function}")
        check(
            f"the operands (address, ASID) of the sfence.vma of {function}({va:#x}, {asid:#x})",
            seen=shown(next_fence(guest, function)),
            expected=shown(operands),
            why="the register x0 (zero) as an operand means all addresses, or all ASIDs with "
            "global pages too; another register that holds 0 means address 0, or ASID 0",
        )


def shown(operands) -> tuple[str, ...] | None:
    return operands and tuple(o if isinstance(o, str) else f"{o:#x}" for o in operands)


def next_fence(guest: Guest, function: str):
    """Steps to the next sfence.vma; its operands' values, x0 by name. None if there is none."""
    gdb = guest.machine.gdb
    back = gdb.read_register("ra")
    for _ in range(60):
        pc = gdb.read_register("pc")
        if pc == back:
            break
        (word,) = struct.unpack("<I", guest.read(pc - LINEAR, 4))
        if word & 0xFE007FFF == 0x12000073:
            numbers = word >> 15 & 31, word >> 20 & 31
            values = list(gdb.registers().values())  # x0 to x31 come first, in order
            return tuple(values[n] if n else "x0" for n in numbers)
        gdb.step()
    fail(f"{function} executes no sfence.vma")


@pytest.mark.points(5, exercise=5, stays="what the instructions say, as the hart does it")
def test_changes_are_seen_after_the_flush(start, symbols, folder, rng):
    """What a page says is what was mapped last: after the flush no old translation is used."""
    asid, slots = rng.randrange(1, 1 << 16), range(6)
    pages = rng.sample(range(1, 1 << 26), 4)
    pages = [page * PAGE for page in pages]
    contents = [rng.getrandbits(64) for _ in slots]
    script = [host.create(0)]
    for slot in slots:
        script += [host.frames(slot, 0), host.fill(slot, contents[slot])]
    script += [host.switch(0, asid), host.flush_asid(asid)]
    expected: dict[int, tuple[int, str]] = {}
    mapped: dict[int, tuple[int, int]] = {}  # address: slot, flags
    for _ in range(250):
        va = rng.choice(pages)
        change_mapping(rng, script, mapped, va, slots)
        script.append(
            host.flush_page(va, asid) if rng.random() < 0.8 else host.flush_asid(asid)
        )
        for at in rng.sample(pages, 3):
            access(rng, script, expected, mapped, contents, at)
    script += [host.switch(host.KERNEL_TABLE, 0), host.stop()]
    guest = Guest(start, symbols, folder, script)
    guest.run_to_stop()
    results = guest.results(len(script))
    for number, (wanted, what) in expected.items():
        check(
            f"line {number}: {what}",
            seen=results[number],
            expected=wanted,
            why="an old translation is used: the TLB keeps what a walk found until sfence.vma",
        )


def change_mapping(rng, script, mapped, va, slots) -> None:
    """Appends lines that map, unmap, remap or protect `va`."""
    flags = rng.choice((R, R | W, R | X))
    if va not in mapped:
        slot = rng.choice(slots)
        script.append(host.map_slot(0, va, slot, flags))
        mapped[va] = slot, flags
    elif rng.random() < 0.3:
        script.append(host.protect(0, va, flags))
        mapped[va] = mapped[va][0], flags
    else:
        script.append(host.unmap(0, va))
        del mapped[va]
        if rng.random() < 0.7:
            slot = rng.choice(slots)
            script.append(host.map_slot(0, va, slot, flags))
            mapped[va] = slot, flags


def access(rng, script, expected, mapped, contents, va) -> None:
    """Appends a load or a store at `va`, and what it must give."""
    slot, flags = mapped.get(va, (None, 0))
    if rng.random() < 0.35:
        value = rng.getrandbits(64)
        expected[len(script)] = (
            (0, f"a store to {va:#x}, which may be written")
            if flags & W
            else (host.STORE_FAULT, f"a store to {va:#x}, which may not be written")
        )
        script.append(host.store(va, value))
        if flags & W:
            contents[slot] = value
    else:
        expected[len(script)] = (
            (contents[slot], f"a load from {va:#x}, mapped to frame {slot}")
            if slot is not None
            else (host.LOAD_FAULT, f"a load from {va:#x}, where nothing is mapped")
        )
        script.append(host.load(va))


# Exercise 6.

STACK_SIZE = 16 << 10


def expected_map(guest: Guest) -> list[tuple[int, int, str]]:
    """(first, end, permissions) of the kernel's map, from the symbols of the kernel."""
    start, text_end, rodata_end, emergency, boot = (
        guest.address(name)
        for name in ("kernel_start", "text_end", "rodata_end", "emergency_stacks", "boot_stack")
    )
    ram, end = host.RAM + LINEAR, host.RAM + LINEAR + guest.ram_size()
    return [
        (LINEAR, ram, "rw-"),  # devices
        (ram, start, "rw-"),
        (start, text_end, "r-x"),
        (text_end, rodata_end, "r--"),
        (rodata_end, emergency - STACK_SIZE, "rw-"),
        (emergency, boot - STACK_SIZE, "rw-"),
        (boot, end, "rw-"),
    ]


def joined(pieces: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Neighbours with the same permissions as one."""
    result: list[tuple[int, int, str]] = []
    for first, end, permissions in pieces:
        if result and result[-1][1:] == (first, permissions):
            result[-1] = (result[-1][0], end, permissions)
        else:
            result.append((first, end, permissions))
    return result


def show_map(pieces: list[tuple[int, int, str]]) -> str:
    return "".join(f"\n    {first:#x} to {end - 1:#x} {how}" for first, end, how in pieces)


def explain(pieces: list[tuple[int, int, str]]) -> str:
    """What is wrong with a map, in one sentence."""
    hows = {how for _, _, how in pieces}
    if any("u" in how for how in hows):
        return "U is set in the kernel half: user programs could reach the kernel"
    if any("w" in how and "x" in how for how in hows):
        return "some page is writable and executable at the same time"
    return "the sections' borders are symbols of kernel.ld (cpu/layout.h); see the picture above"


@pytest.mark.points(10, exercise=6)
def test_the_kernels_map(start, symbols, folder, rng):
    """The kernel maps devices and RAM with the permissions of its sections, and nothing else."""
    script = [host.stop(), host.create(0), host.stack(), host.stop()]
    guest = Guest(start, symbols, folder, script, memory=f"{rng.randrange(20, 700)}M")
    seen = []
    for m in guest.kernel_map:
        check(
            f"where {m.virtual:#x} leads",
            seen=m.physical,
            expected=(m.virtual - LINEAR) & (1 << 64) - 1,
            why="all of the kernel's map is linear; nothing else is mapped yet",
        )
        how = letters(m.flags)[1:4] + ("u" if m.flags & U else "")
        seen.append((m.virtual, m.virtual + m.size, how))
    seen, expected = joined(seen), joined(expected_map(guest))
    if seen != expected:
        fail(
            f"the kernel's map\n  expected:{show_map(expected)}\n  seen:{show_map(seen)}",
            explain(seen),
        )
    guest.run_to_stop()
    check(
        "the table that the hart uses after booting",
        seen=f"{guest.satp() % (1 << 44) * PAGE:#x}",
        expected=f"{guest.kernel_root:#x}",
    )
    check_stacks(guest, len(script))


def check_stacks(guest: Guest, lines: int) -> None:
    """A stack mapped later is seen by tables made before: they share the top-level entry."""
    guest.run_to_stop()
    root, top = guest.results(lines)[1:3]
    for whose, walker in (("kernel's", guest.current()), ("older", guest.walker(root))):
        mapped = {m.virtual for m in guest.mappings(walker)}
        check(
            f"the pages of a kernel stack below {top:#x} that the {whose} table maps",
            seen=[hex(page) for page in range(top - 2 * STACK_SIZE, top, PAGE) if page in mapped],
            expected=[hex(page) for page in range(top - STACK_SIZE, top, PAGE)],
            why="tables copy the kernel's top-level entries when they are made: the entry of the "
            "stacks (kStackBase) has to be there from the start",
        )


@pytest.mark.points(3, exercise=6, stays="what the table says, as the hart does it")
def test_the_hart_keeps_to_the_map(start, symbols, folder, rng):
    """Stores to code and constants, jumps into data and what overflows a stack fault."""
    text, rodata, data, end = (
        symbols.address(name) for name in ("kernel_start", "text_end", "rodata_end", "kernel_end")
    )
    code = symbols.address("paging_lab_return")
    variable, constant = (symbols.address(f"paging_lab_{n}") for n in ("variable", "constant"))
    word, at_text = rng.getrandbits(62), text + rng.randrange(512) * 8
    questions = [
        (host.store(at_text, word), host.STORE_FAULT, f"a store to code, at {at_text:#x}"),
        (host.store(constant, word), host.STORE_FAULT, "a store to a constant"),
        (host.jump(constant), host.FETCH_FAULT, "a jump to a constant"),
        (host.jump(variable), host.FETCH_FAULT, "a jump to a variable"),
        (host.jump(code), 0, "a jump to code"),
    ]
    for name in ("boot_stack", "emergency_stacks"):
        below = symbols.address(name) - rng.randrange(1, 2048) * 8
        questions.append((host.load(below), host.LOAD_FAULT, f"a load below {name}"))
    rng.shuffle(questions)
    guest = Guest(start, symbols, folder, [text for text, _, _ in questions])
    guest.run_to_stop()
    for (_, wanted, what), seen in zip(questions, guest.results(len(questions))):
        check(
            f"{what}: the cause of the fault, or 0",
            seen=seen & 0xFFFF,
            expected=wanted & 0xFFFF,
            why="12, 13 and 15 are page faults of a fetch, a load and a store",
        )
