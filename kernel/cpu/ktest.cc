// The runner of kernel tests. See base/ktest.h for how to write one.
#include "base/ktest.h"
#include "base/span.h"
#include "cpu/console.h"
#include "cpu/cpu.h"
#include "cpu/machine.h"
#include "cpu/power.h"
#include "cpu/time.h"

static constinit unsigned failures_of_this_test = 0;

void ktest_fail(const char* file, int line, const char* text, ...) {
    failures_of_this_test++;
    kprintf("ktest:   %s:%d: ", file, line);
    va_list args;
    va_start(args, text);
    kprintf_list(text, args);
    va_end(args);
    kprintf("\n");
}

// Whether the test passed.
static bool run_one(const KernelTest& test) {
    failures_of_this_test = 0;
    u64 start = time_now();
    test.run();
    bool passed = failures_of_this_test == 0;
    kprintf("ktest: %s %s (%lu us)\n", passed ? "pass" : "FAIL", test.name,
            (time_now() - start) / kMicrosecond);
    return passed;
}

void run_kernel_tests() {
    StringView wanted = boot_option("ktest");
    if (wanted.empty()) return;
    unsigned passed = 0, failed = 0;
    for (const KernelTest& test : TABLE(KernelTest, ktest)) {
        if (glob_match(wanted, test.name)) (run_one(test) ? passed : failed)++;
    }
    if (passed + failed == 0) kprintf("ktest: no test matches\n");
    kprintf("ktest: %u passed, %u failed\n", passed, failed);
    power_off(failed == 0 && passed > 0 ? kExitPowerOff : kExitTestFailed);
}
