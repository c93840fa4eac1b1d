// What the programs of this lab share.
#pragma once
#include "../../lab.h"

// A system call as it is: the result, or the negative error number.
static inline long lab_call(long number, long a, long b, long c) {
    register long a0 asm("a0") = a;
    register long a1 asm("a1") = b;
    register long a2 asm("a2") = c;
    register long a3 asm("a3") = 8;  // the size of a set of signals, where one is wanted
    register long a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
    return a0;
}
