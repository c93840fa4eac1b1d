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

void threadlab::give_turns(const volatile bool& over) {
    // So many turns, or guest time, without a word in the log or a thread that ends: nothing moves.
    constexpr unsigned kMostTurns = 50'000, kFewestTurns = 20;
    constexpr u64 kLongest = 200 * kMillisecond;
    u64 seen = thread_log_used, moved = time_now();
    for (unsigned quiet = 0; !over && quiet < kMostTurns; quiet++) {
        if (exchange(seen, thread_log_used) != thread_log_used) {
            quiet = 0;
            moved = time_now();
        }
        if (quiet > kFewestTurns && time_now() - moved > kLongest) return;
        yield();
    }
}

static void (*ordinary_timer)() = nullptr;
static void (*timer_action)() = nullptr;
static constinit Random moments{1};

void threadlab::at_timer(void (*action)()) {
    InterruptsOff off;
    if (ordinary_timer == nullptr) ordinary_timer = trap_hooks.timer;
    timer_action = action;
    trap_hooks.timer = [] {
        ordinary_timer();
        if (timer_action != nullptr) timer_action();
    };
}

void threadlab::preempt_at_random(u64 seed) {
    if (seed == 0) return at_timer(nullptr);
    moments = Random(seed);
    at_timer([] {
        Scheduler::here().message_arrived();  // as if another hart wanted a switch
        set_timer(time_now() + 500 + moments.below(4000));
    });
    set_timer(time_now() + 500);
}

void threadlab::probe_done() {
    disable_interrupts();
    kprintf("probe: done, %lu words\n", thread_log_used);
    for (;;) wait_for_interrupt();
}
