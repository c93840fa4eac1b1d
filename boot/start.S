# The boot stage's first instructions, and where its traps and its assembly stubs end up.
# OpenSBI, or another hart through SBI HSM, jumps to boot_start in S-mode with paging off:
# a0 = hart id, a1 = physical address of the device tree. One hart comes here, the others wait in
# OpenSBI until the kernel starts them. Nothing but RAM's content is known: bss is not zero yet.
#
# boot_start:
#   0. only the first hart goes on. OpenSBI 1.1 can send one here that the kernel has asked for: it
#      makes "start it" visible before "where". Such a hart stops; the kernel asks again.
#   1. note where the device tree is, and let every trap end in a message, not in a silent loop;
#   2. take the boot stack, so that C++ code can run;
#   3. clear bss, with hart id and device tree in callee-saved registers meanwhile;
#   4. go on in boot_main(hart id, device tree), which does not return.

# What stands in place of a part that is not written yet.
.macro stub name
    .pushsection .rodata
9990:
    .asciz "\name"
    .popsection
    la a0, 9990b
    j stub_reached
.endm

    .section .text.start, "ax"
    .globl boot_start
boot_start:
    la t0, entered                  # 0.
    li t1, 1
    amoswap.w.aq t1, t1, (t0)
    bnez t1, stop_late_hart

    la t0, device_tree_address      # 1.
    sd a1, 0(t0)
    la t0, trap_entry
    csrw stvec, t0

    # BEGIN SOLUTION(boot.stack)
    la sp, boot_stack_top           # 2. it grows down, so it starts at the upper end
    # END SOLUTION
    # STUB: stub "boot.stack"

    mv s0, a0                       # 3.
    mv s1, a1
    call clear_bss

    mv a0, s0                       # 4.
    mv a1, s1
    call boot_main
    stub "boot_main returned"

# SBI HSM, hart_stop. The kernel keeps the first page of the stage for this.
stop_late_hart:
    li a7, 0x48534d
    li a6, 1
    ecall
    j stop_late_hart
    .balign 4
entered:
    .word 0

# boot_trap(scause, sepc, stval). The stack may be what went wrong: take another one.
# A second trap, on the way out, powers off at once (SBI legacy shutdown).
    .balign 4
trap_entry:
    la t0, second_trap
    csrw stvec, t0
    la sp, emergency_stack_top
    csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    call boot_trap

    .balign 4
second_trap:
    li a7, 8
    ecall
    j second_trap

# a0 = the name. Stubs may come before there is a stack.
stub_reached:
    la sp, emergency_stack_top
    call boot_stub

# For power_off(), which must work before bss is cleared.
    .data
    .balign 8
    .globl device_tree_address
device_tree_address:
    .quad 0

# Outside bss, which clear_bss() clears while it runs on one of these.
    .section .stack, "aw", @nobits
    .balign 16
    .skip 8192
boot_stack_top:
    .skip 4096
emergency_stack_top:
