// What the programs of this lab share: the random numbers of kernel/base/random.h, which the host
// draws too, and numbers out of arguments.
#pragma once
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul

static uint64_t lab_state;

static inline void lab_seed(uint64_t seed) {
    lab_state = seed ? seed : 0x9e3779b97f4a7c15;
}

static inline uint64_t lab_next(void) {
    lab_state ^= lab_state >> 12;
    lab_state ^= lab_state << 25;
    lab_state ^= lab_state >> 27;
    return lab_state * 0x2545f4914f6cdd1d;
}

static inline uint64_t lab_below(uint64_t bound) {
    return lab_next() % bound;
}

static inline uint64_t lab_argument(int argc, char **argv, int index) {
    return index < argc ? strtoul(argv[index], NULL, 10) : 0;
}

// Prints a short text: printf would want a heap, which is the last exercise.
#define say(...)                                                                                   \
    do {                                                                                           \
        char text_[300];                                                                           \
        int size_ = snprintf(text_, sizeof text_, __VA_ARGS__);                                    \
        if (write(1, text_, (size_t)size_) != size_) _exit(125);                                   \
    } while (0)

// FNV-1a, going on from `hash`.
#define LAB_HASH 0xcbf29ce484222325ul
static inline uint64_t lab_hash(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    while (size-- > 0) hash = (hash ^ *at++) * 0x100000001b3ul;
    return hash;
}

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
