// What the programs of this lab share: their first line, raw system calls, signals, and memory that a whole
// family of processes sees.
#pragma once
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>

#include "../../lab.h"

// How each program begins: with the host's seed, and a line after which all lines are its own.
static inline void lab_begin(int argc, char** argv) {
    lab_seed(lab_argument(argc, argv, 1));
    say("begin\n");
}

// A system call as it is: the result, or the negative error number.
static inline long lab_call(long number, long a, long b, long c, long d) {
    register long a0 asm("a0") = a;
    register long a1 asm("a1") = b;
    register long a2 asm("a2") = c;
    register long a3 asm("a3") = d;
    register long a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
    return a0;
}

// The result of a library call as the kernel gave it.
static inline long lab_result(long result) { return result < 0 ? -errno : result; }

// Lets everybody else run for a while: there is one hart, and threads take turns.
static inline void lab_yield(int turns) {
    while (turns-- > 0) sched_yield();
}

// Memory that this process and all that it forks from now on share; zero.
static inline void* lab_shared(size_t size) {
    void* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(124);
    return memory;
}

static inline void lab_action(int signal, void (*handler)(int), unsigned long flags,
                              sigset_t mask) {
    struct sigaction action = {.sa_flags = flags, .sa_mask = mask};
    action.sa_handler = handler;
    if (sigaction(signal, &action, NULL) < 0) _exit(123);
}

static inline sigset_t lab_bit(int signal) { return 1ul << (signal - 1); }

// After the last line, goes on living so that the host can look around.
static inline _Noreturn void lab_hold(void) {
    say("hold\n");
    for (;;) sched_yield();
}
