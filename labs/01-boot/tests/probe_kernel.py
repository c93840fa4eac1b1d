"""Kernels made for one test: a sound ELF file of random shape around a probe that must answer.

The probe hashes all memory that its file asks for, together with a random key and the two
registers that it was given, prints the hash through the firmware, and powers off with six bits of
it as the exit status. Only the right memory and registers give the right answer, and the host
computes it beforehand.
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from grading.elf_file import LOAD, R, W, X, random_elf

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
TEST_DEVICE = 0x100000
FNV_START, FNV_PRIME, MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
ROOM = 16 + 16 * 8  # the table behind the code: key, test device, pieces

# Position independent; the table follows. s3 = key, s4 = hash.
PROBE = """
    .option norelax
    .globl _start
_start:
    mv s0, a0
    mv s1, a1
    lla s2, table
    ld s3, 0(s2)
    ld s5, 8(s2)
    addi s2, s2, 16
    li s4, 0xcbf29ce484222325
    li t3, 0x100000001b3
piece:
    ld t0, 0(s2)
    ld t1, 8(s2)
    addi s2, s2, 16
    beqz t1, words
    add t1, t0, t1
byte:
    lbu t2, 0(t0)
    xor s4, s4, t2
    mul s4, s4, t3
    addi t0, t0, 1
    bne t0, t1, byte
    j piece
words:                          # the key, a0 and a1, each as one step
    xor s4, s4, s3
    mul s4, s4, t3
    xor s4, s4, s0
    mul s4, s4, t3
    xor s4, s4, s1
    mul s4, s4, t3
    li s6, 60
    li a0, 10
    li a7, 1
    ecall
digit:
    srl a0, s4, s6
    andi a0, a0, 15
    addi a0, a0, '0'
    li t0, '9'
    ble a0, t0, 1f
    addi a0, a0, 'a' - '9' - 1
1:  li a7, 1
    ecall
    addi s6, s6, -4
    bgez s6, digit
    li a0, 10
    li a7, 1
    ecall
    andi t0, s4, 63
    addi t0, t0, 64
    slli t0, t0, 16
    li t1, 0x3333
    or t0, t0, t1
    sw t0, 0(s5)
    j .
    .balign 8
table:
"""

# What OpenSBI starts instead of the stage: it starts hart TARGET at the stage, as a boot loader
# might, and stops itself; on that hart already, it jumps.
FIRST = """
    .globl _start
_start:
    li s0, 0x80200000
    li t0, TARGET
    beq a0, t0, 1f
    mv a2, a1
    mv a1, s0
    li a0, TARGET
    li a6, 0
    li a7, 0x48534d
    ecall
    bnez a0, .
    li a6, 1
    ecall
    j .
1:  jr s0
"""


def assemble(source: str, out: Path, *flags: str) -> Path:
    """Links assembly source into an ELF file that starts at _start."""
    text = out.with_suffix(".S")
    text.write_text(source)
    command = [f"{CROSS}gcc", "-march=rv64imac_zicsr", "-mabi=lp64", "-nostdlib", "-static"]
    command += ["-no-pie", "-Wl,--build-id=none,--omagic", *flags, str(text), "-o", str(out)]
    subprocess.run(command, check=True)
    return out


@cache
def probe_code() -> bytes:
    """The probe's instructions, a multiple of 8 bytes."""
    with TemporaryDirectory(prefix="goose-probe-") as name:
        folder = Path(name)
        elf = assemble(PROBE, folder / "probe.elf", "-Wl,-Ttext=0x80400000")
        subprocess.run([f"{CROSS}objcopy", "-O", "binary", elf, folder / "probe"], check=True)
        return (folder / "probe").read_bytes()


def first_program(hart: int, out: Path) -> Path:
    return assemble(FIRST.replace("TARGET", str(hart)), out, "-Wl,-Ttext=0x84000000")


class ProbeKernel:
    """A random kernel. `file` are its bytes, `segments` those that are loaded, in order."""

    def __init__(self, rng: random.Random, limit: int = 0x3000) -> None:
        code = probe_code()
        self.elf, home = random_elf(rng, code + bytes(ROOM), limit)
        self.segments = [s for s in self.elf.segments if s.type == LOAD and s.memory]
        self.key = rng.getrandbits(64)
        table = struct.pack("<QQ", self.key, TEST_DEVICE)
        for segment in self.segments:
            table += struct.pack("<QQ", segment.paddr, len(segment.memory))
        at = home.data.index(code) + len(code)
        home.data = home.data[:at] + table.ljust(ROOM, b"\0") + home.data[at + ROOM :]
        self.entry = (self.elf.entry or 0) - home.linked + home.paddr
        self.file = self.elf.build()

    @property
    def end(self) -> int:
        return max(s.paddr + len(s.memory) for s in self.segments)

    def answer(self, hart: int, tree: int) -> int:
        """The hash that the probe computes where everything is right."""
        value = FNV_START
        for byte in b"".join(s.memory for s in self.segments):
            value = (value ^ byte) * FNV_PRIME & MASK
        for word in (self.key, hart, tree):
            value = (value ^ word) * FNV_PRIME & MASK
        return value

    def lines(self) -> list[str]:
        """What the stage prints of its segments."""
        lines = []
        for number, s in enumerate(self.elf.segments):
            if s.type != LOAD or not s.memory:
                continue
            flags = "".join(c if s.flags & bit else "-" for c, bit in zip("rwx", (R, W, X)))
            end = s.paddr + len(s.memory) - 1
            place = f"boot: segment {number}: {s.paddr:#x}-{end:#x} {flags}, "
            lines.append(place + f"{len(s.data):#x} bytes from the file")
        return lines
