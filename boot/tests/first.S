# What OpenSBI starts in the tests of the boot hart: it starts hart TARGET at the boot stage, as a
# boot loader might, and stops itself.
#   1. on that hart already (the lot chose it): jump to the stage;
#   2. else start it by SBI HSM with the device tree as its a1, and stop this hart.
    .globl _start
_start:
    li s0, 0x80200000
    li t0, TARGET
    beq a0, t0, 1f
    mv a2, a1                       # 2.
    mv a1, s0
    li a0, TARGET
    li a6, 0
    li a7, 0x48534d
    ecall
    bnez a0, .
    li a6, 1
    ecall
    j .
1:  jr s0                           # 1.
