// What the programs of this lab share: the random numbers of kernel/base/random.h, which the host
// draws too; raw system calls; memory that a whole family of processes sees.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul

static uint64_t lab_state;

static inline void lab_seed(uint64_t seed) { lab_state = seed ? seed : 0x9e3779b97f4a7c15; }

static inline uint64_t lab_next(void) {
    lab_state ^= lab_state >> 12;
    lab_state ^= lab_state << 25;
    lab_state ^= lab_state >> 27;
    return lab_state * 0x2545f4914f6cdd1d;
}

static inline uint64_t lab_below(uint64_t bound) { return lab_next() % bound; }

static inline uint64_t lab_argument(int argc, char** argv, int index) {
    return index < argc ? strtoul(argv[index], NULL, 10) : 0;
}

// Prints a short text at once, in one write.
#define say(...)                                                                                   \
    do {                                                                                           \
        char text_[600];                                                                           \
        int size_ = snprintf(text_, sizeof text_, __VA_ARGS__);                                    \
        if (write(1, text_, (size_t) size_) != size_) _exit(125);                                  \
    } while (0)

// How each program begins: with the host's seed, and a line after which all lines are its own.
static inline void lab_begin(int argc, char** argv) {
    lab_seed(lab_argument(argc, argv, 1));
    say("begin\n");
}

// FNV-1a, going on from `hash`.
#define LAB_HASH 0xcbf29ce484222325ul
static inline uint64_t lab_hash(uint64_t hash, const void* bytes, size_t size) {
    const unsigned char* at = bytes;
    while (size-- > 0) hash = (hash ^ *at++) * 0x100000001b3ul;
    return hash;
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
