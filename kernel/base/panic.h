// How a bug in goose ends: panic() and ASSERT. Each program that uses base brings its own panic():
// the kernel's stops all harts and prints a backtrace (cpu/panic.cc), the boot stage powers off,
// the host's aborts. Never used for bad input, a full disk or missing memory: those are errors.
#pragma once

// Prints the formatted reason (see base/format.h) and does not return. Callable anywhere.
[[noreturn]] void panic(const char* format, ...) __attribute__((format(printf, 1, 2)));

#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) [[unlikely]] {                                                           \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition);                  \
        }                                                                                          \
    } while (0)
