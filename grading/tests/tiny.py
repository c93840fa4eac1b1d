"""Small guests for testing the frame without a kernel, assembled when a test asks for one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grading.symbols import CROSS

# Prints a line through SBI, then does what each byte typed asks for: p panics, q powers off with
# status 0, digits power off with that status, s sums a loop; anything else is echoed.
SOURCE = """
.globl _start
_start:
    la s0, hello
    call print
next:
    li a7, 2                    # legacy SBI: getchar
    ecall
    bltz a0, next
    mv s1, a0
    li t0, 'p'
    beq s1, t0, die
    addi s2, s1, -'0'
    li t0, 10
    bltu s2, t0, finish
    li a7, 1                    # legacy SBI: putchar
    ecall
    j next
.globl finish
finish:
    li t0, 0x100000             # sifive_test
    li t1, 0x5555
    beqz s2, 1f
    slli t1, s2, 16
    li t2, 0x3333
    or t1, t1, t2
1:  sw t1, 0(t0)
    j .
die:
    la s0, panic
    call print
    li s2, 4
    j finish
print:
    lbu a0, 0(s0)
    beqz a0, 1f
    li a7, 1
    ecall
    addi s0, s0, 1
    j print
1:  ret
hello: .string "tiny: hello\\n"
panic: .string "panic: asked to\\n"
.balign 8
.globl value
value: .quad 0x0123456789abcdef
"""


def assemble(source: str, output: Path, start: int = 0x80200000) -> Path:
    """Builds a freestanding ELF that is linked to run at `start`."""
    text = output.with_suffix(".S")
    text.write_text(source)
    command = [CROSS + "gcc", "-nostdlib", "-static", "-march=rv64imac", "-mabi=lp64"]
    linker = f"-Wl,-Ttext={start:#x},-n,--build-id=none,--no-warn-rwx-segments"
    command += [linker, "-o", str(output), str(text)]
    subprocess.run(command, check=True)
    return output
