// Jumps out of functions: ra, sp, s0-s11, fs0-fs11, and (sigsetjmp) the signal mask.
#pragma once

typedef struct {
    unsigned long registers[14];
    double fp_registers[12];
    unsigned long mask_saved;
    unsigned long mask;
} sigjmp_buf[1];
typedef sigjmp_buf jmp_buf;

int setjmp(jmp_buf buf) __attribute__((returns_twice));
int _setjmp(jmp_buf buf) __attribute__((returns_twice));
int sigsetjmp(sigjmp_buf buf, int save_mask) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf buf, int value);
_Noreturn void _longjmp(jmp_buf buf, int value);
_Noreturn void siglongjmp(sigjmp_buf buf, int value);
