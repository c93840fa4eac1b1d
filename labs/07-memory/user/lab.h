// What the programs of this lab share: the random numbers of kernel/base/random.h, which the host
// draws too, numbers out of arguments, and memory that a whole family sees.
#pragma once
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

#define say(...)                                                                                   \
    do {                                                                                           \
        char text_[300];                                                                           \
        int size_ = snprintf(text_, sizeof text_, __VA_ARGS__);                                    \
        if (write(1, text_, (size_t)size_) != size_) _exit(125);                                   \
    } while (0)

// A hash of whole words.
static inline uint64_t lab_hash(const void *words, size_t size) {
    const volatile uint64_t *at = words;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size / 8; i++) hash = (hash ^ at[i]) * 0x100000001b3;
    return hash;
}

// Pages that this process and its children share.
static inline void *lab_shared(size_t size) {
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) _exit(124);
    return at;
}

// Lets others run until something is so. If it never becomes so, the program ends with status 97.
#define lab_wait_until(condition)                                                                  \
    do {                                                                                           \
        for (long turns_ = 0; !(condition); turns_++) {                                            \
            if (turns_ == 200000) _exit(97);                                                       \
            sched_yield();                                                                         \
        }                                                                                          \
    } while (0)

// Waits until the host types something.
static inline void lab_pause(const char *word) {
    char typed;
    say("%s\n", word);
    if (read(0, &typed, 1) != 1) _exit(123);
}
