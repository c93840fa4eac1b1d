"""The boot stage in QEMU. Each run carries a kernel made for it, whose exit status and printed hash
answer a random challenge: they are right only if every byte of its memory is."""

from __future__ import annotations

import os
import random
import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from elves import GO_SENTENCE, REFUSED, go_linked

from grading.elf_file import KERNEL, LOAD, Elf, R, Segment, W, random_elf
from grading.machine import Machine
from grading.qemu import REFUSED as REFUSED_STATUS
from grading.qemu import Options
from grading.symbols import Symbols

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
HERE = Path(__file__).parent
TEST_DEVICE = 0x100000
STAGE = 0x80200000
OPENSBI_END = 0x80200000
# A kernel that is refused must not get to run: its exit status would not be the stage's.
REFUSED_IN_QEMU = ("empty", "x86", "table wraps", "size wraps", "over OpenSBI", "over a segment",
                   "physical wrap", "entry in data")  # fmt: skip

Stage = Callable[[bytes], Path]


def assemble(source: str, out: Path, *flags: str) -> Path:
    command = [f"{CROSS}gcc", "-march=rv64imac_zicsr", "-mabi=lp64", "-nostdlib", "-static"]
    command += ["-no-pie", "-Wl,--build-id=none,--omagic", *flags, str(HERE / source), "-o", str(out)]
    subprocess.run(command, check=True)
    return out


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The probe's code, a multiple of 8 bytes."""
    folder = tmp_path_factory.mktemp("probe")
    elf = assemble("probe.S", folder / "probe.elf", "-Wl,-Ttext=0x80400000,-e,probe")
    subprocess.run([f"{CROSS}objcopy", "-O", "binary", elf, folder / "probe"], check=True)
    return (folder / "probe").read_bytes()


def fnv1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


class Challenge:
    """A random kernel and the answer that it must give."""

    def __init__(self, probe: bytes, seed: int, limit: int = 0x4000) -> None:
        rng = random.Random(seed)
        room = 8 + 16 * 8
        self.elf, home = random_elf(rng, probe + bytes(room), limit)
        loaded = [s for s in self.elf.segments if s.type == LOAD and s.memory]
        table = struct.pack("<Q", TEST_DEVICE)
        for segment in loaded:
            table += struct.pack("<QQ", segment.paddr, len(segment.memory))
        at = home.data.index(probe) + len(probe)
        table += bytes(room - len(table))
        home.data = home.data[:at] + table + home.data[at + room :]
        self.segments = loaded
        self.entry = (self.elf.entry or 0) - home.linked + home.paddr
        self.hash = fnv1a(b"".join(s.memory for s in loaded))
        self.status = 64 + self.hash % 64


def answer(machine: Machine) -> dict[str, int]:
    """The numbers of the probe's line: h(art), t(ree), s(atp), x (the hash)."""
    words = machine.expect(r"^h[0-9a-f]{16} t[0-9a-f]{16} s[0-9a-f]{16} x[0-9a-f]{16} $").text
    return {word[0]: int(word[1:], 16) for word in words.split()}


def opensbi_says(machine: Machine) -> tuple[int, int]:
    """The hart and the device tree that OpenSBI hands over, from its banner."""
    tree = machine.expect(r"^Domain0 Next Arg1 +: 0x([0-9a-f]+)\s").groups[0]
    hart = machine.expect(r"^Boot HART ID +: (\d+)\s").groups[0]
    return int(hart), int(tree, 16)


def assert_answers(machine: Machine, challenge: Challenge, hart: int | None = None) -> None:
    boot_hart, tree = opensbi_says(machine)
    said = answer(machine)
    assert said["x"] == challenge.hash, "the kernel's memory is not what its file says"
    assert (said["h"], said["t"]) == (boot_hart if hart is None else hart, tree)
    assert said["s"] == 0, "paging must be off"
    assert machine.wait_exit() == challenge.status


def end_of_segments(elf: bytes) -> int:
    """The address behind all that QEMU loads of an ELF file."""
    phoff, phnum = struct.unpack_from("<Q", elf, 32)[0], struct.unpack_from("<H", elf, 56)[0]
    headers = [struct.unpack_from("<IIQQQQQQ", elf, phoff + 56 * i) for i in range(phnum)]
    return max(paddr + memsz for kind, _, _, _, paddr, _, memsz, _ in headers if kind == LOAD)


def prefilled(folder: Path, start: int, size: int) -> list[str]:
    """QEMU's words for memory that is full of 0xa5 when the machine starts."""
    file = folder / f"fill-{start:x}"
    file.write_bytes(b"\xa5" * size)
    return ["-device", f"loader,file={file},addr={start:#x},force-raw=on"]


@pytest.mark.parametrize("seed", range(6))
def test_loads_a_random_kernel_into_dirty_memory(
    seed: int, stage: Stage, probe: bytes, tmp_path: Path
) -> None:
    challenge = Challenge(probe, seed)
    kernel = stage(challenge.elf.build())
    # The stage's bss and stacks, which no segment holds, and all that the kernel will be.
    after = end_of_segments(kernel.read_bytes())
    fill = prefilled(tmp_path, after, KERNEL + 0x100000 - after)
    with Machine(Options(kernel, extra=fill)) as machine:
        assert_answers(machine, challenge)


def test_prints_one_line_per_segment(stage: Stage, probe: bytes) -> None:
    challenge = Challenge(probe, 77)
    with Machine(Options(stage(challenge.elf.build()))) as machine:
        machine.wait_exit()
        lines = [x for x in machine.console.text.splitlines() if x.startswith("boot: segment")]
    for line, segment in zip(lines, challenge.segments, strict=True):
        end = segment.paddr + len(segment.memory) - 1
        assert f": {segment.paddr:#x}-{end:#x} r" in line
        assert line.endswith(f"x, {len(segment.data):#x} bytes from the file") or segment.flags != 7


def test_hands_over_as_the_kernel_expects(stage: Stage, probe: bytes) -> None:
    """The machine at the kernel's first instruction, looked at from outside."""
    challenge = Challenge(probe, random.randrange(1 << 32))
    with Machine(Options(stage(challenge.elf.build()), smp=2, gdb=True)) as machine:
        stop = machine.gdb.run_to(challenge.entry)
        hart, tree = opensbi_says(machine)
        registers = machine.gdb.registers()
        assert (registers["a0"], registers["a1"]) == (hart, tree) and stop.hart == hart
        assert machine.gdb.read_physical(tree, 4) == bytes.fromhex("d00dfeed")
        for name in ("satp", "sie"):
            assert machine.gdb.read_register(name) == 0
        assert machine.gdb.read_register("sstatus") & 2 == 0, "interrupts must be off"
        for segment in challenge.segments:
            memory = machine.gdb.read_physical(segment.paddr, len(segment.memory))
            assert memory == segment.memory
        machine.gdb.detach()
        assert machine.wait_exit() == challenge.status


def test_clears_all_of_its_bss(stage: Stage, tmp_path: Path) -> None:
    kernel = stage(b"")
    symbols = Symbols(kernel)
    start, end = symbols.address("bss_start"), symbols.address("bss_end")
    loaded_end = end_of_segments(kernel.read_bytes())
    assert loaded_end <= start < end
    fill = prefilled(tmp_path, loaded_end, end + 64 - loaded_end)
    with Machine(Options(kernel, gdb=True, extra=fill)) as machine:
        machine.gdb.run_to(symbols.address("boot_main"))
        assert machine.gdb.read_physical(start, end - start) == bytes(end - start)
        assert machine.gdb.read_physical(end, 64) == b"\xa5" * 64, "more than bss was cleared"


@pytest.mark.parametrize("hart", [0, 1, 3])
def test_any_hart_may_boot(hart: int, stage: Stage, probe: bytes, tmp_path: Path) -> None:
    challenge = Challenge(probe, 100 + hart)
    first = assemble("first.S", tmp_path / "first.elf", f"-DTARGET={hart}", "-Wl,-Ttext=0x84000000")
    loaded = ["-device", f"loader,file={stage(challenge.elf.build())}"]
    with Machine(Options(first, smp=4, extra=loaded)) as machine:
        assert_answers(machine, challenge, hart)


@pytest.mark.parametrize(("harts", "memory"), [(1, "32M"), (2, "1G"), (3, "64M"), (8, "4G")])
def test_any_machine_size(harts: int, memory: str, stage: Stage, probe: bytes) -> None:
    challenge = Challenge(probe, random.randrange(1 << 32))
    with Machine(Options(stage(challenge.elf.build()), smp=harts, memory=memory)) as machine:
        assert_answers(machine, challenge)


def assert_refused(machine: Machine, sentence: str) -> None:
    status = machine.wait_exit()
    lines = [x for x in machine.console.text.splitlines() if x.startswith("boot:")]
    assert (lines, status) == ([f"boot: {sentence}"], REFUSED_STATUS)


def test_refuses_file_offset_0xffffffffffff1000(stage: Stage) -> None:
    """The header that stopped goose once; see go_linked() for where it came from."""
    assert GO_SENTENCE == "segment 2: file offset 0xffffffffffff1000 is outside the file"
    with Machine(Options(stage(go_linked()))) as machine:
        assert_refused(machine, GO_SENTENCE)


@pytest.mark.parametrize("name", REFUSED_IN_QEMU)
def test_refuses(name: str, stage: Stage) -> None:
    make_elf, sentence = REFUSED[name]
    with Machine(Options(stage(make_elf()))) as machine:
        assert_refused(machine, sentence)


def at(paddr: int, size: int = 0x1000) -> bytes:
    return Elf([Segment(), Segment(paddr=paddr, data=b"x", memsz=size, flags=R | W)]).build()


@pytest.mark.parametrize(
    ("paddr", "size", "memory", "fault"),
    [
        (STAGE, 0x1000, "128M", "overlap the boot stage"),
        (OPENSBI_END - 0x1000, 0x1000, "128M", "overlap OpenSBI"),
        (0x81E00000, 0x1000, "32M", "overlap the device tree"),
        (0x82000000, 0x1000, "32M", "are not inside RAM"),
        (0x80800000, 0x80000000, "2G", "are not inside RAM"),
    ],
)
def test_knows_what_is_taken(
    paddr: int, size: int, memory: str, fault: str, stage: Stage
) -> None:
    with Machine(Options(stage(at(paddr, size)), memory=memory)) as machine:
        assert_refused(machine, f"segment 1: {size:#x} bytes at {paddr:#x} {fault}")


def test_leaves_the_initrd_alone(stage: Stage, tmp_path: Path) -> None:
    initrd = tmp_path / "initrd"
    initrd.write_bytes(b"i" * 100000)
    place = 0x84200000  # QEMU: half of the memory above the kernel's start
    with Machine(Options(stage(at(place, 0x2000)), initrd=initrd)) as machine:
        assert_refused(machine, f"segment 1: 0x2000 bytes at {place:#x} overlap the initrd")


def test_a_trap_in_the_stage_is_told(stage: Stage, tmp_path: Path) -> None:
    """The stage is entered with a device tree pointer that faults: it panics, and ends."""
    first = tmp_path / "first.S"
    first.write_text(".globl _start\n_start: li a1, -4096\nli t0, 0x80200000\njr t0\n")
    elf = assemble(str(first), tmp_path / "first.elf", "-Wl,-Ttext=0x84000000")
    loaded = ["-device", f"loader,file={stage(b'')}"]
    with Machine(Options(elf, extra=loaded)) as machine:
        machine.wait_exit()
        assert re.search(r"^panic: trap in the boot stage: scause 0x5, sepc 0x802\w+, stval "
                         r"0xfffffffffffff000$", machine.console.text, re.MULTILINE)  # fmt: skip


def test_a_missing_device_tree_is_told(stage: Stage, tmp_path: Path) -> None:
    first = tmp_path / "first.S"
    first.write_text(".globl _start\n_start: li a1, 0x85000000\nli t0, 0x80200000\njr t0\n")
    elf = assemble(str(first), tmp_path / "first.elf", "-Wl,-Ttext=0x84000000")
    loaded = ["-device", f"loader,file={stage(b'')}"]
    with Machine(Options(elf, extra=loaded)) as machine:
        machine.wait_exit()
        assert "\nboot: there is no sound device tree at 0x85000000" in machine.console.text
