// What the programs of all labs share, which the host foretells (labs/foretold.py): the random numbers of
// kernel/base/random.h, numbers out of arguments, and a hash.
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

static inline void lab_seed(uint64_t seed) { lab_state = seed ? seed : 0x9e3779b97f4a7c15; }

static inline uint64_t lab_next(void) {
    lab_state ^= lab_state >> 12;
    lab_state ^= lab_state << 25;
    lab_state ^= lab_state >> 27;
    return lab_state * 0x2545f4914f6cdd1d;
}

static inline uint64_t lab_below(uint64_t bound) { return lab_next() % bound; }

// Bits of which one in 2^`draws` is set.
static inline uint64_t lab_sparse_bits(int draws) {
    uint64_t bits = UINT64_MAX;
    while (draws-- > 0) bits &= lab_next();
    return bits;
}

static inline uint64_t lab_argument(int argc, char** argv, int index) {
    return index < argc ? strtoul(argv[index], NULL, 10) : 0;
}

// Prints a short text at once, in one write, and without a heap.
#define say(...)                                                                                   \
    do {                                                                                           \
        char text_[600];                                                                           \
        int size_ = snprintf(text_, sizeof text_, __VA_ARGS__);                                    \
        if (write(1, text_, (size_t) size_) != size_) _exit(125);                                  \
    } while (0)

// FNV-1a, going on from `hash`.
#define LAB_HASH 0xcbf29ce484222325ul
static inline uint64_t lab_hash(uint64_t hash, const void* bytes, size_t size) {
    const unsigned char* at = bytes;
    while (size-- > 0) hash = (hash ^ *at++) * 0x100000001b3ul;
    return hash;
}
