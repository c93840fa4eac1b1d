// A child that runs in its parent's memory, on a stack of its own, while the parent waits: vfork as
// posix_spawn uses it.
#pragma once
#include "check.h"

// Calls `body`, which does not return, in the child. Returns its pid, or -1 and errno.
static inline pid_t lend_memory(unsigned long flags, void (*body)(void)) {
    char *stack = (char *)new_pages(4, MAP_PRIVATE) + 4 * PAGE;
    register unsigned long a0 asm("a0") = flags | CLONE_VM | CLONE_VFORK | SIGCHLD;
    register void *a1 asm("a1") = stack;
    register long a7 asm("a7") = SYS_clone;
    register void (*start)(void) asm("s2") = body;
    asm volatile("ecall\n"
                 "bnez a0, 1f\n"
                 "jalr s2\n"
                 "1:"
                 : "+r"(a0)
                 : "r"(a1), "r"(a7), "r"(start)
                 : "memory", "ra");
    if ((long)a0 >= 0) return (pid_t)a0;
    errno = -(int)a0;
    return -1;
}
