# Saving and loading the floating-point registers. The kernel itself is compiled without them, so
# they hold a user thread's values until somebody calls these. sstatus.FS is not Off.
# a0: FpRegisters (process/user_thread.h).

    .option arch, +d
    .text
    .globl save_fp_registers
save_fp_registers:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\n, \n * 8(a0)
    .endr
    frcsr t0
    sd t0, 256(a0)
    ret

    .globl load_fp_registers
load_fp_registers:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\n, \n * 8(a0)
    .endr
    ld t0, 256(a0)
    fscsr t0
    ret
