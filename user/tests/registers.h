// Integer and floating-point registers filled with known values and looked at again.
//
// call_with_registers(registers, number, argument0, argument1) puts registers->x[i] into x<i> for
// all i but zero, sp, gp, a0, a1 and a7, f[i] into f<i> and fcsr into fcsr; makes that system call;
// and stores what the registers hold then into the same places. spin_with_registers(registers,
// flag) spins until *flag is not 0 instead (flag stays in a0, and a1 is spent on looking).
// spoil_registers() leaves junk in every register that a function may change.
#pragma once

#include <stdint.h>

struct registers {
    uint64_t x[32];
    uint64_t f[32];
    uint64_t fcsr;
};

long call_with_registers(struct registers *registers, long number, long argument0, long argument1);
void spin_with_registers(struct registers *registers, volatile int *flag);
void spoil_registers(void);

asm(R"(
    .macro each_x what
    \what x1, 1
    \what x4, 4
    .irp n, 5,6,7,8,9,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28,29,30
    \what x\n, \n
    .endr
    .endm
    .macro each_f what
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \what f\n, \n
    .endr
    .endm
    .macro fill_x register, index
    ld \register, 8*\index(x31)
    .endm
    .macro fill_f register, index
    fld \register, 256+8*\index(x31)
    .endm
    .macro keep_x register, index
    sd \register, 8*\index(x31)
    .endm
    .macro keep_f register, index
    fsd \register, 256+8*\index(x31)
    .endm
    .macro save_x register, index
    sd \register, 8*\index(sp)
    .endm
    .macro save_f register, index
    fsd \register, 256+8*\index(sp)
    .endm
    .macro load_x register, index
    ld \register, 8*\index(sp)
    .endm
    .macro load_f register, index
    fld \register, 256+8*\index(sp)
    .endm
    .macro spoil_x register, index
    li \register, -\index
    .endm
    .macro spoil_f register, index
    fmv.d.x \register, t0
    .endm
    # The caller's registers go to the stack, and the address of the structure below them.
    .macro enter
    addi sp, sp, -544
    each_x save_x
    each_f save_f
    frcsr t0
    sd t0, 512(sp)
    sd a0, 520(sp)
    mv x31, a0
    ld t0, 512(x31)
    fscsr t0
    each_f fill_f
    .endm
    .macro leave_with what
    ld x31, 520(sp)
    each_x keep_x
    each_f keep_f
    frcsr t0
    sd t0, 512(x31)
    each_x load_x
    each_f load_f
    ld x31, 512(sp)
    fscsr x31
    addi sp, sp, 544
    ret
    .endm

    .text
    .balign 4
call_with_registers:
    enter
    mv a7, a1
    mv a0, a2
    mv a1, a3
    each_x fill_x
    ecall
    leave_with a0
spin_with_registers:
    enter
    mv a0, a1
    each_x fill_x
1:  lw a1, 0(a0)
    beqz a1, 1b
    leave_with a0
spoil_registers:
    li t0, -1
    fscsr t0
    each_f spoil_f
    .irp n, 5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    li x\n, -1
    .endr
    ret
)");

// A different value for each register; `seed` makes them differ between two processes.
static inline void fill_registers(struct registers *registers, uint64_t seed) {
    for (unsigned i = 0; i < 32; i++) {
        registers->x[i] = seed * 0x0101010101010101 + i;
        registers->f[i] = 0x3ff0000000000000 + (seed << 32) + i;
    }
    registers->fcsr = seed % 4 << 5 | 1;  // a rounding mode, and the flag "inexact"
}
