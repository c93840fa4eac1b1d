# Trap entry and return. stvec points at trap_entry; in user mode sscratch holds this hart's Hart,
# in kernel mode it is 0 and tp holds the Hart.
#
# From user mode:                             From kernel mode:
#   1. swap tp and sscratch: tp = Hart;         1. swap tp and sscratch; tp was 0: swap back;
#   2. sp = top of the thread's kernel stack;   2. sp has left its stack: overflow;
#   3. save all registers in a TrapFrame;       3. save all registers in a TrapFrame on this stack;
#   4. sscratch = 0: kernel mode from here;     4. call trap_dispatch(frame);
#   5. call trap_dispatch(frame);               5. restore and sret.
#   6. sscratch = Hart, restore and sret.
#
# Offsets are those of TrapFrame (cpu/trap.h) and Hart (cpu/hart.h); hart.cc asserts them.

#include "cpu/stack_size.h"

    .set FRAME_SIZE, 36 * 8
    .set FRAME_SP, 1 * 8
    .set FRAME_TP, 3 * 8
    .set FRAME_CSRS, 31 * 8
    .set HART_USER_FRAME_TOP, 0
    .set HART_SCRATCH, 8
    .set HART_EMERGENCY_STACK, 16

# BEGIN SOLUTION(console.save_registers)
# All of x1 … x31 but sp and tp (x2, x4), which the callers store where they have them.
    .macro save_registers
    .irp n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd x\n, (\n - 1) * 8(sp)
    .endr
    .endm
# END SOLUTION
# STUB: .macro save_registers
# STUB:     stub_reached_as "console.save_registers"
# STUB: .endm
# UNTIL: .macro save_registers
# UNTIL: .endm

# BEGIN SOLUTION(console.restore_registers)
# All of x1 … x31 but sp and tp (x2, x4). The frame is at sp.
    .macro restore_registers
    .irp n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld x\n, (\n - 1) * 8(sp)
    .endr
    .endm
# END SOLUTION
# STUB: .macro restore_registers
# STUB:     stub_reached_as "console.restore_registers"
# STUB: .endm
# UNTIL: .macro restore_registers
# UNTIL: .endm

# Reports a part that has not been written yet: stub_reached(name) prints it and panics.
    .macro stub_reached_as name
    .pushsection .rodata
88: .asciz "\name"
    .popsection
    la a0, 88b
    tail stub_reached
    .endm

    .macro save_csrs
    csrr t0, sepc
    csrr t1, sstatus
    sd t0, FRAME_CSRS + 0(sp)
    sd t1, FRAME_CSRS + 8(sp)
    csrr t0, scause
    csrr t1, stval
    sd t0, FRAME_CSRS + 16(sp)
    sd t1, FRAME_CSRS + 24(sp)
    .endm

    .macro restore_csrs
    ld t0, FRAME_CSRS + 0(sp)
    ld t1, FRAME_CSRS + 8(sp)
    csrw sepc, t0
    csrw sstatus, t1
    .endm

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw tp, sscratch, tp
    beqz tp, from_kernel

    sd sp, HART_SCRATCH(tp)
    ld sp, HART_USER_FRAME_TOP(tp)
    addi sp, sp, -FRAME_SIZE
    save_registers
    ld t0, HART_SCRATCH(tp)
    csrrw t1, sscratch, zero
    sd t0, FRAME_SP(sp)
    sd t1, FRAME_TP(sp)
    save_csrs
    mv a0, sp
    li s0, 0                        # backtraces end here
    call trap_dispatch
    mv a0, sp

    .globl return_to_user
return_to_user:
    mv sp, a0
    restore_csrs
    csrw sscratch, tp
    restore_registers
    ld tp, FRAME_TP(sp)
    ld sp, FRAME_SP(sp)
    sret

from_kernel:
    csrrw tp, sscratch, tp          # tp = Hart again, sscratch = 0
    sd t0, HART_SCRATCH(tp)
    addi sp, sp, -FRAME_SIZE
    srli t0, sp, STACK_SHIFT
    andi t0, t0, 1
    beqz t0, stack_overflow
    ld t0, HART_SCRATCH(tp)
    save_registers
    addi t0, sp, FRAME_SIZE
    sd t0, FRAME_SP(sp)
    sd tp, FRAME_TP(sp)
    save_csrs
    mv a0, sp
    call trap_dispatch
    restore_csrs                    # tp stays: the thread may have moved to another hart
    restore_registers
    ld sp, FRAME_SP(sp)
    sret

stack_overflow:
    addi a0, sp, FRAME_SIZE
    csrr a1, sepc
    ld sp, HART_EMERGENCY_STACK(tp)
    call report_stack_overflow
