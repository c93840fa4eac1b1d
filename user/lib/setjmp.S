# setjmp and longjmp: the registers that a function must keep (psABI: ra, sp, s0-s11, fs0-fs11),
# in the order of sigjmp_buf in <setjmp.h>. The mask is kept by sigsetjmp only.

    .macro registers op, fop
    \op ra, 0(a0)
    \op sp, 8(a0)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \op s\n, 16 + 8 * \n(a0)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \fop fs\n, 112 + 8 * \n(a0)
    .endr
    .endm

    .section .text.setjmp, "ax", @progbits
    .globl setjmp, _setjmp, sigsetjmp, longjmp, _longjmp
    .type setjmp, @function
    .type _setjmp, @function
    .type sigsetjmp, @function
    .type longjmp, @function
    .type _longjmp, @function

setjmp:
_setjmp:
    li a1, 0
sigsetjmp:
    registers sd, fsd
    tail __save_mask            # (buf, save_mask); returns 0 to our caller

longjmp:
_longjmp:
    registers ld, fld
    seqz a0, a1                 # longjmp(buf, 0) returns 1
    add a0, a0, a1
    ret

    .section .note.GNU-stack, "", @progbits
