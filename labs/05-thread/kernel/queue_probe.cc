// Exercise 1: the policy by itself. Threads that never run go through its queue as a random script
// says.
#include "thread_probe.h"

KTEST(threadlab_queue) {
    constexpr unsigned kThreads = 8, kNobody = 99;
    Random random(input());
    Ref<Thread> threads[kThreads];
    for (Ref<Thread>& thread : threads) thread = make_ref<Thread>("waits in line").value();
    Owned<SchedulingPolicy> policy = make_round_robin_policy().value();
    bool in_line[kThreads] = {};

    auto take = [&] {
        Thread* next = policy->take_next();
        unsigned index = kNobody;
        for (unsigned i = 0; i < kThreads; i++) {
            if (threads[i].get() == next) index = i;
        }
        note(index);
        if (index != kNobody) in_line[index] = false;
        return index;
    };
    take();  // of nobody
    for (unsigned step = 0; step < 500; step++) {
        u64 which = random.below(kThreads), arrival = random.below(6);
        if (in_line[which]) {
            take();
        } else {
            policy->add(*threads[which], static_cast<Arrival>(arrival));
            in_line[which] = true;
        }
    }
    for (unsigned i = 0; i <= kThreads && take() != kNobody; i++) continue;
    // Alone on the hart, yield() comes back, and nothing is lost on the way.
    u64 mine = random.next();
    for (unsigned turns = 0; turns < 100; turns++) {
        yield();
        mine += turns;
    }
    note(mine);
    probe_done();
}
