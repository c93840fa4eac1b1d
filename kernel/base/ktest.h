// Kernel tests: KTEST(floor_fact) { … EXPECT(…); } runs in the kernel it tests, when the command
// line says ktest=<glob>. The runner is cpu/ktest.cc; a failed EXPECT fails the test and goes on,
// so that one run shows all that is wrong.
#pragma once
#include "base/table.h"

struct KernelTest {
    const char* name;
    void (*run)();
};
TABLE_BOUNDS(KernelTest, ktest)

#define KTEST(name)                                                                                \
    static void ktest_##name();                                                                    \
    TABLE_ENTRY(ktest) KernelTest ktest_entry_##name = {#name, ktest_##name};                      \
    static void ktest_##name()

// Notes a failure of the running test at this place, with a formatted reason.
void ktest_fail(const char* file, int line, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            ktest_fail(__FILE__, __LINE__, "expected %s", #condition);                             \
        }                                                                                          \
    } while (0)

// Compares two integers and shows both.
#define EXPECT_EQ(actual, wanted)                                                                  \
    do {                                                                                           \
        auto actual_ = (actual);                                                                   \
        decltype(actual_) wanted_ = (wanted);                                                      \
        if (actual_ != wanted_) {                                                                  \
            ktest_fail(__FILE__, __LINE__, "expected %s to be %s: %#lx, not %#lx", #actual,        \
                       #wanted, static_cast<unsigned long>(wanted_),                               \
                       static_cast<unsigned long>(actual_));                                       \
        }                                                                                          \
    } while (0)
