// The log of the probes. See thread_probe.h.
#include "thread_probe.h"

constinit u64 thread_log[kThreadLogWords] = {};
constinit u64 thread_log_used = 0;

void threadlab::note(u64 word) {
    InterruptsOff off;
    if (thread_log_used < kThreadLogWords) thread_log[thread_log_used++] = word;
}

u64 threadlab::input(const char* name) {
    u64 value = 0;
    parse_number(boot_option(name), value);
    return value;
}

void threadlab::probe_done() {
    disable_interrupts();
    kprintf("probe: done, %lu words\n", thread_log_used);
    for (;;) wait_for_interrupt();
}
