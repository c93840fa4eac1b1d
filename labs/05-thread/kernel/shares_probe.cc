// Exercise 7: how much of the hart each thread gets. The threads count how often they go round a
// loop, so they measure with their own clock; the host runs the machine by instructions.
#include "thread_probe.h"

namespace {

constexpr unsigned kMost = 6;
constinit volatile u64 rounds_of[kMost] = {};
constinit u64 half_time = 0;

// Who sleeps in the first half.
enum : u64 { kNobody, kFirst, kAllButFirst };

void count_rounds(unsigned i) {
    const u64 late = input("late");
    if (late == (i == 0 ? kFirst : kAllButFirst)) sleep_until(half_time).value();
    for (;;) rounds_of[i] = rounds_of[i] + 1;
}

}  // namespace

// The host says by late= who sleeps for the first half. Notes all counts at half time and at
// the end.
KTEST(threadlab_shares) {
    const unsigned count = static_cast<unsigned>(input("threads"));
    const u64 half = input("milliseconds") * kMillisecond;
    Random random(input());
    const u64 start = time_now();
    half_time = start + half;
    auto& players = players_of(count_rounds);
    {
        // All of them, with their weights, before the first one runs.
        InterruptsOff off;
        players.start(count);
        for (unsigned i = 0; i < count; i++) players[i].policy.weight = 256u << random.below(4);
    }
    for (unsigned part = 1; part <= 2; part++) {
        sleep_until(start + part * half).value();
        for (unsigned i = 0; i < count; i++) note(rounds_of[i]);
    }
    probe_done();
}
