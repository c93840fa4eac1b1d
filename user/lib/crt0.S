# The first instructions of every program. The kernel has put argc, argv, the environment and the
# auxiliary vector on the stack (psABI, "Process Initialization"); a0 is 0.
#   1. Let gp point where the linker expects it.
#   2. Mark the end of the chain of stack frames.
#   3. Hand the address of argc to __libc_start, which does not return.

    .section .text._start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    mv a0, sp
    andi sp, sp, -16
    li s0, 0
    li ra, 0
    call __libc_start
    ebreak
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
