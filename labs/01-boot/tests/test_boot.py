"""Lab 1: the boot stage, function by function through gdb, and as a whole with random kernels."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from elf_cases import Case, contents_cases, entry_cases, header_cases, place_cases
from probe_kernel import ProbeKernel, first_program
from stage_calls import StageCalls, Verdict

from grading.elf_file import KERNEL, LOAD, Elf, R, Segment, W
from grading.errors import GuestEnded, GuestTimeout
from grading.machine import Machine
from grading.qemu import POWER_OFF, REFUSED
from grading.symbols import Symbols, plain
from labs.grade import NOT_WRITTEN, check, fail

Start = Callable[..., Machine]
Stage = Callable[[bytes], Path]
FENCE_I = bytes.fromhex("0f100000")
FILL = 0xA5
RAM_END = 0x80000000 + (128 << 20)  # of a machine that is not told how much


@pytest.fixture(scope="session")
def stage_symbols(build: Path) -> Symbols:
    """The symbols of the boot stage."""
    return Symbols(build / "goose.elf")


@pytest.fixture
def stage(folder: Path, make: Callable[..., None]) -> Stage:
    """stage(payload): a boot stage that carries these bytes as its kernel."""

    def link(payload: bytes) -> Path:
        number = len(list(folder.glob("payload*")))
        file, out = folder / f"payload{number}", folder / f"stage{number}.elf"
        file.write_bytes(payload)
        make("stage", f"PAYLOAD={file}", f"STAGE={out}")
        return out

    return link


def filled(folder: Path, start: int, end: int) -> list[str]:
    """QEMU's words for memory that is full of 0xa5 when the machine starts."""
    file = folder / f"fill-{start:x}"
    file.write_bytes(bytes([FILL]) * (end - start))
    return ["-device", f"loader,file={file},addr={start:#x},force-raw=on"]


def loaded_end(elf: Path) -> int:
    """The address behind all that QEMU loads of an ELF file."""
    data = elf.read_bytes()
    table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    headers = [struct.unpack_from("<IIQQQQQQ", data, table + 56 * i) for i in range(count)]
    return max(paddr + memsz for kind, _, _, _, paddr, _, memsz, _ in headers if kind == LOAD)


def opensbi_says(machine: Machine) -> tuple[int, int]:
    """The hart and the device tree that OpenSBI hands over, from its banner."""
    tree = machine.expect(r"^Domain0 Next Arg1 +: 0x([0-9a-f]+)\s").groups[0]
    hart = machine.expect(r"^Boot HART ID +: (\d+)\s").groups[0]
    return int(hart), int(tree, 16)


def last_words(machine: Machine) -> str:
    """What the stage said last, for messages."""
    machine.console.join(1)
    lines = [x for x in machine.console.text.splitlines() if x.startswith(("boot:", "panic:"))]
    return f"its last line was: {lines[-1]}" if lines else "it printed nothing"


def run_to(machine: Machine, symbols: Symbols, name: str) -> dict[str, int]:
    """The registers when the stage comes to a function; fails where it never does."""
    try:
        machine.gdb.run_to(symbols.address(name), 5)
    except (GuestEnded, GuestTimeout):
        fail(f"the stage never comes to {name}(); {last_words(machine)}",
             "what stands before it in boot/start.S went wrong")  # fmt: skip
    return machine.gdb.registers()


# Exercises 1 and 2: before the first line of C++.


@pytest.mark.points(6, exercise=1)
def test_stack_before_cpp(start: Start, rng: random.Random, stage_symbols: Symbols) -> None:
    """Where the first function is called, sp is the boot stack's top, and nothing else is lost."""
    memory = rng.choice([64, 96, 128, 192])
    machine = start(gdb=True, smp=rng.randint(2, 4), memory=f"{memory}M")
    registers = run_to(machine, stage_symbols, "clear_bss")
    top = stage_symbols.address("boot_stack_top")
    check("sp at the first call", seen=registers["sp"], expected=top,
          why="the stack grows down, so it starts at its upper end, which is where it is empty; "
          "an address like `bss_end` or a fixed number is somebody else's memory")  # fmt: skip
    hart, tree = opensbi_says(machine)
    seen = {"hart id": registers["s0"], "device tree": registers["s1"]}
    check("what OpenSBI passed on, in s0 and s1", seen=seen,
          expected={"hart id": hart, "device tree": tree},
          why="a0 and a1 hold it at the first instruction: another register must serve to load "
          "sp")  # fmt: skip


@pytest.mark.points(7, exercise=2)
def test_bss_is_cleared(
    start: Start, build: Path, folder: Path, stage_symbols: Symbols
) -> None:
    """When boot_main begins, all of bss is 0, whatever RAM held, and nothing behind it changed."""
    begin, end = stage_symbols.address("bss_start"), stage_symbols.address("bss_end")
    after = loaded_end(build / "goose.elf")
    stack = stage_symbols.address("boot_stack_top") - 512
    if not after <= stack < RAM_END:
        fail(f"the boot stack's top is at {stack + 512:#x}: {'no RAM is' if stack >= RAM_END else 'the stage itself is'} there")
    machine = start(gdb=True, extra=filled(folder, after, stack))
    run_to(machine, stage_symbols, "boot_main")
    bss = machine.read_memory(begin, end - begin)
    dirty = next((begin + i for i, byte in enumerate(bss) if byte), None)
    check("the first byte of bss that is not 0", seen=dirty and f"{dirty:#x}", expected=None,
          why=f"bss goes from bss_start ({begin:#x}) to bss_end ({end:#x}), its size is their "
          "difference; RAM was full of 0xa5 before")  # fmt: skip
    behind = machine.read_memory(end, stack - 1024 - end)
    changed = next((end + i for i, byte in enumerate(behind) if byte != FILL), None)
    check("the first byte behind bss that was written", seen=changed and f"{changed:#x}",
          expected=None, why="bss ends at bss_end; behind it is the stack")  # fmt: skip


# Exercises 3 to 6: judging files.


def judge(
    calls: StageCalls, cases: list[Case], exercise: int, rng: random.Random, folder: Path
) -> None:
    """Every file must be judged as its case says. A part of a later exercise may be missing."""
    order = list(range(len(cases)))
    rng.shuffle(order)
    wrong: dict[int, Verdict] = {}
    for number in order:
        case = cases[number]
        verdict = calls.judge(case.file, case.memory)
        missing = NOT_WRITTEN.search(verdict.end)
        if missing and int(missing[2]) > exercise:
            right = not case.sentence
        elif case.sentence:
            right = verdict == Verdict("returned", 0, case.sentence)
        else:
            right = verdict.value == 1 and verdict.entry == case.entry
        if not right:
            wrong[number] = verdict
        if missing and int(missing[2]) <= exercise:
            break
    if wrong:
        first = min(wrong)
        case = cases[first]
        (folder / "file.elf").write_bytes(case.file)
        how = f"refused: {case.sentence}" if case.sentence else f"accepted, entry {case.entry:#x}"
        seen = str(wrong[first])
        many = f"{len(wrong)} of {len(cases)} files are judged wrongly; the first, file.elf in the "
        fail(f"{many}folder below: {case.name}\n  expected: {how}\n  seen:     {seen}", case.why)


@pytest.fixture
def calls(start: Start, stage_symbols: Symbols) -> StageCalls:
    """The stage at its first instruction, ready to have its functions called."""
    return StageCalls(start(gdb=True), stage_symbols)


@pytest.mark.points(11, exercise=3)
def test_judges_headers(calls: StageCalls, rng: random.Random, folder: Path) -> None:
    """A file that is no program of ours, or has no table in it, is refused with its sentence."""
    judge(calls, header_cases(rng), 3, rng, folder)


@pytest.mark.points(12, exercise=4)
def test_judges_contents(calls: StageCalls, rng: random.Random, folder: Path) -> None:
    """A segment whose bytes are not all in the file, or whose numbers disagree, is refused."""
    judge(calls, contents_cases(rng), 4, rng, folder)


@pytest.mark.points(14, exercise=5)
def test_judges_places(calls: StageCalls, rng: random.Random, folder: Path) -> None:
    """A segment outside RAM, or over somebody else's memory, is refused, and no other."""
    judge(calls, place_cases(rng), 5, rng, folder)


@pytest.mark.points(9, exercise=6)
def test_judges_entries(calls: StageCalls, rng: random.Random, folder: Path) -> None:
    """The entry becomes a physical address by its segment, or is refused."""
    judge(calls, entry_cases(rng), 6, rng, folder)


# Exercise 7: loading.


@pytest.mark.points(10, exercise=7)
def test_loads_segments(calls: StageCalls, rng: random.Random) -> None:
    """A segment's memory is its bytes of the file, then zeroes, and nothing beside it changes."""
    for _ in range(12):
        file = rng.randbytes(rng.randint(700, 3000))
        offset = rng.choice([0, 1, rng.randint(0, 600)])
        size = rng.choice([0, 1, rng.randint(2, len(file) - offset), len(file) - offset])
        more = rng.choice([0, 1, 7, rng.randint(8, 1500)])
        place = 0x84000000 + rng.randint(64, 5000)
        segment = Segment(place, file[offset : offset + size], None, size + more)
        calls.gdb.write(place - 64, bytes([FILL]) * (size + more + 128))
        verdict = calls.load(file, segment, offset)
        what = f"a segment of {size:#x} bytes at file offset {offset:#x}, {size + more:#x} in memory"
        check(f"load_segment() of {what}", seen=verdict.end, expected="returned")
        memory = calls.machine.read_memory(place - 64, size + more + 128)
        want = bytes(64 * [FILL]) + segment.memory.ljust(size + more, b"\0") + bytes(64 * [FILL])
        at = next((i for i, (a, b) in enumerate(zip(memory, want)) if a != b), None)
        if at is None:
            continue
        inside = at - 64
        where, why = "before its memory", "nothing before `to` is the segment's"
        if inside >= size + more:
            where, why = "behind its memory", "it ends memory.size bytes behind its start"
        elif inside >= size:
            where, why = "where the file has no more bytes", "what exceeds file_size must be zero"
        elif inside >= 0:
            where, why = "in its bytes from the file", "they start at segment.offset of the file"
        check(f"byte {inside:#x} of {what}, {where}", seen=memory[at], expected=want[at],
              why=f"{why}; all of it was 0xa5 before")  # fmt: skip


# Exercise 8, and the whole stage.


def fences(elf: Path) -> list[int]:
    """Where the stage's code has a fence.i."""
    data = elf.read_bytes()
    table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    places = []
    for i in range(count):
        _, flags, offset, _, paddr, size, _, _ = struct.unpack_from("<IIQQQQQQ", data, table + 56 * i)
        code = data[offset : offset + size] if flags & 1 else b""
        places += [paddr + at for at in range(0, len(code), 2) if code[at : at + 4] == FENCE_I]
    return places


def run_to_kernel(machine: Machine, marks: dict[int, str], entry: int) -> list[str]:
    """The names of the marks that the stage passes on its way to the kernel's entry."""
    for address in (*marks, entry):
        machine.gdb.set_breakpoint(address)
    passed: list[str] = []
    while len(passed) < 99:
        try:
            machine.gdb.resume_until_stop(5)
        except (GuestEnded, GuestTimeout):
            fail(f"the stage never comes to the kernel's entry {entry:#x}; {last_words(machine)}",
                 "the entry is plan.entry, a physical address; it is to be jumped to")  # fmt: skip
        pc = machine.gdb.read_register("pc")
        if pc == entry:
            break
        passed.append(marks[pc])
    return passed


@pytest.mark.points(7, exercise=8)
def test_machine_at_the_kernels_entry(
    start: Start, stage: Stage, rng: random.Random, folder: Path
) -> None:
    """At the kernel's first instruction registers and memory are what the contract says."""
    kernel = ProbeKernel(rng)
    elf = stage(kernel.file)
    memory = f"{rng.choice([64, 96, 128, 192])}M"
    machine = start(kernel=elf, gdb=True, memory=memory,
                    extra=filled(folder, KERNEL, kernel.end + 64))  # fmt: skip
    marks = dict.fromkeys(fences(elf), "fence.i")
    marks[Symbols(elf).address("load_segment")] = "load"
    passed = run_to_kernel(machine, marks, kernel.entry)
    hart, tree = opensbi_says(machine)
    registers = machine.gdb.registers()
    check("a0 and a1 at the kernel's first instruction",
          seen={"a0": registers["a0"], "a1": registers["a1"]}, expected={"a0": hart, "a1": tree},
          why="a0 is the hart id and a1 the device tree, as OpenSBI passed them on")  # fmt: skip
    check("satp (paging is off)", seen=machine.gdb.read_register("satp"), expected=0)
    for segment in kernel.segments:
        seen = machine.read_memory(segment.paddr, len(segment.memory))
        at = next((i for i, (a, b) in enumerate(zip(seen, segment.memory)) if a != b), None)
        check(f"the first wrong byte of the segment at {segment.paddr:#x}", seen=at, expected=None,
              why="see exercise 7: bytes from the file, then zeroes")  # fmt: skip
    last = passed[::-1].index("load") if "load" in passed else 0
    check("fence.i between the last segment and the jump",
          seen="fence.i" in passed[len(passed) - last :], expected=True,
          why="the kernel was written as data: a hart may still have old bytes in its instruction "
          "cache. QEMU has none, so nothing but this test tells")  # fmt: skip


def assert_answer(machine: Machine, kernel: ProbeKernel, hart: int | None = None) -> None:
    boot_hart, tree = opensbi_says(machine)
    status = machine.wait_exit(5)
    want = kernel.answer(boot_hart if hart is None else hart, tree)
    said = [x for x in machine.console.text.splitlines() if len(x) == 16 and not x.startswith("b")
            or x.startswith("b") and len(x) == 16 and " " not in x]  # fmt: skip
    seen = (said[-1] if said else last_words(machine), status)
    check("the kernel's hash of its memory, a0 and a1, and QEMU's exit status", seen=seen,
          expected=(f"{want:016x}", 64 + want % 64),
          why="a segment is not where or what it should be, or a0 and a1 are not the hart that "
          "boots and the device tree")  # fmt: skip


@pytest.mark.points(3, exercise=8, stays="the whole stage at work; the grader repeats it with "
                    "kernels of its own")  # fmt: skip
def test_random_kernels_answer(
    start: Start, stage: Stage, rng: random.Random, folder: Path
) -> None:
    """Kernels of any shape, on machines of any size, get the memory that their file describes."""
    for _ in range(2):
        kernel = ProbeKernel(rng)
        memory = f"{rng.choice([32, 64, 128, 1024])}M"
        machine = start(kernel=stage(kernel.file), smp=rng.randint(1, 3), memory=memory,
                        extra=filled(folder, KERNEL, kernel.end))  # fmt: skip
        assert_answer(machine, kernel)


@pytest.mark.points(2, exercise=8)
def test_any_hart_may_boot(start: Start, stage: Stage, rng: random.Random, folder: Path) -> None:
    """The kernel learns which hart boots, whichever it is."""
    kernel, hart = ProbeKernel(rng), rng.randint(1, 3)
    first = first_program(hart, folder / "first.elf")
    loaded = ["-device", f"loader,file={stage(kernel.file)}"]
    assert_answer(start(kernel=first, smp=4, extra=loaded), kernel, hart)


@pytest.mark.points(2, exercise=8, stays="from file to exit status: what the calls of the tests "
                    "before do not go through")  # fmt: skip
def test_refusals_end_the_machine(start: Start, stage: Stage, rng: random.Random) -> None:
    """A wrong kernel is refused on the console and by exit status 2, a right one runs."""
    n, at = rng.randint(1, 0x1000), 0x80200000 - rng.randrange(1, 64)
    over = Elf([Segment(), Segment(at, b"x", None, n + 64, R | W, align=1)])
    wrong = [
        (Elf(header={"machine": 62 + n}).build(), f"the machine is {62 + n}, not 243 (RISC-V)"),
        (over.build(), f"segment 1: {n + 64:#x} bytes at {at:#x} overlap OpenSBI"),
    ]
    files = [*rng.sample(wrong, rng.randint(1, 2)), None]
    rng.shuffle(files)
    for case in files:
        kernel = ProbeKernel(rng, 0x100)
        machine = start(kernel=stage(case[0] if case else kernel.file))
        if case is None:
            assert_answer(machine, kernel)
            continue
        status = machine.wait_exit(5)
        lines = [x for x in machine.console.text.splitlines() if x.startswith(("boot:", "panic:"))]
        check("the stage's only line, and QEMU's exit status", seen=(lines, status),
              expected=([f"boot: {case[1]}"], REFUSED))  # fmt: skip


def constant_segments(elf: Path) -> list[tuple[int, bytes]]:
    """Physical address and bytes of each segment of goose's kernel that nobody may write to."""
    data = elf.read_bytes()
    table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    headers = [struct.unpack_from("<IIQQQQQQ", data, table + 56 * i) for i in range(count)]
    return [(paddr, data[offset : offset + size])
            for kind, flags, offset, _, paddr, size, _, _ in headers if kind == LOAD and not flags & W]  # fmt: skip


@pytest.mark.points(2, exercise=8, stays="goose itself; guards Lab 1 in later labs")
def test_goose_boots(start: Start, build: Path, symbols: Symbols, rng: random.Random) -> None:
    """goose's own kernel comes up, sees the machine it was given, and finds its memory in order."""
    harts, memory = rng.randint(1, 4), rng.randrange(40, 400, 8)
    machine = start(gdb=True, smp=harts, memory=f"{memory}M", append="ktest=boot_*")
    # Exit status and banner are the kernel's word: the host watches its tests begin, one by one.
    own = {address: plain(name) for address, name in symbols.table if name.startswith("ktest_boot_")}
    marks = own | {symbols.address("ktest_fail"): "a test fails", symbols.address("power_off"): "the end"}
    for address in marks:
        machine.gdb.set_breakpoint(address)
    passed: list[str] = []
    while passed[-1:] != ["the end"]:
        try:
            machine.gdb.resume_until_stop(5)
        except (GuestEnded, GuestTimeout):
            fail(f"the kernel never comes to the end of its tests boot_*; {last_words(machine)}")
        if (mark := marks.get(machine.gdb.read_register("pc"))) is not None:
            passed.append(mark)
    check("what the kernel's own tests boot_* come to", seen=sorted(passed),
          expected=sorted([*own.values(), "the end"]))  # fmt: skip
    check("the exit status that the kernel asks for", seen=machine.gdb.read_register("a0"), expected=POWER_OFF)
    for address, code in constant_segments(build / "kernel.elf"):
        seen = machine.read_memory(address, len(code))
        at = next((i for i, (a, b) in enumerate(zip(seen, code)) if a != b), None)
        check(f"the first wrong byte of the kernel's segment at {address:#x}", seen=at, expected=None)
    for address in marks:
        machine.gdb.clear_breakpoint(address)
    machine.gdb.detach()
    status = machine.wait_exit(5)
    said = [x for x in machine.console.text.splitlines() if x.startswith(("goose:", "panic:"))]
    want = f"goose: {harts} hart{'s' if harts > 1 else ''}, {memory} MiB"
    check("the kernel's banner", seen=[x.split(", clock")[0] for x in said] or last_words(machine),
          expected=[want], why="it reads hart and device tree from a0 and a1")  # fmt: skip
    check("QEMU's exit status", seen=status, expected=POWER_OFF)
