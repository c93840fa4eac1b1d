// What the programs of this lab share: memory that a whole family sees, and waiting.
#pragma once
#include <sys/mman.h>

#include "../../lab.h"

// A hash of whole words.
static inline uint64_t lab_hash_words(const void* words, size_t size) {
    const volatile uint64_t* at = words;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size / 8; i++) hash = (hash ^ at[i]) * 0x100000001b3;
    return hash;
}

// Pages that this process and its children share.
static inline void* lab_shared(size_t size) {
    void* at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
static inline void lab_pause(const char* word) {
    char typed;
    say("%s\n", word);
    if (read(0, &typed, 1) != 1) _exit(123);
}
