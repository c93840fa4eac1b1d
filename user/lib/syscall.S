# long syscall(long number, ...): the arguments move down by one register.

    .section .text.syscall, "ax", @progbits
    .globl syscall
    .type syscall, @function
syscall:
    mv a7, a0
    mv a0, a1
    mv a1, a2
    mv a2, a3
    mv a3, a4
    mv a4, a5
    mv a5, a6
    ecall
    li t0, -4095
    bgeu a0, t0, 1f
    ret
1:  tail __syscall_error
    .size syscall, . - syscall

    .section .note.GNU-stack, "", @progbits
