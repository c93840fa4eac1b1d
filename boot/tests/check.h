// What the host tests of the boot stage's parts share: CHECK, and a panic() that aborts.
#pragma once
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

inline int failures = 0;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                        \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

void panic(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    abort();
}
