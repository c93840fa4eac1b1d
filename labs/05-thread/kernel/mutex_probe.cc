// Exercise 5: the mutex.
#include "thread_probe.h"

// Threads add to a number that only the mutex guards, and yield between reading and writing it.
KTEST(threadlab_mutex) {
    constexpr unsigned kThreads = 5;
    constexpr u64 kRounds = 40;
    struct Shared {
        Mutex mutex{LockRank::kTestMutex, "shared"};
        volatile u64 sum = 0, inside = 0, most_inside = 0, wrong_owner = 0;
    };
    with_schedules(static_cast<unsigned>(input("schedules")), [](u64 seed) {
        static Shared* shared;
        static u64 base;
        shared = make<Shared>().value().release();
        base = seed;
        auto play = [](unsigned i) {
            Random random(base + i);
            for (u64 round = 0; round < kRounds; round++) {
                u64 more = random.next(), rest = random.below(4);
                MutexGuard guard(shared->mutex);
                shared->inside = shared->inside + 1;
                shared->most_inside = max(u64{shared->most_inside}, u64{shared->inside});
                u64 before = shared->sum;
                for (u64 turn = 0; turn < rest; turn++) yield();
                shared->wrong_owner = shared->wrong_owner + !shared->mutex.held();
                shared->sum = before + more;
                shared->inside = shared->inside - 1;
            }
        };
        auto& players = players_of(play);
        players.start(kThreads);
        players.play();
        note(players.done());
        note(shared->most_inside);
        note(shared->wrong_owner);
        note(shared->sum);
        note(shared->mutex.held());
    });
    probe_done();
}

// One thread takes the mutex again as soon as it has let it go; others want it too. Notes how often
// the greedy one had it between a wish of the others and its fulfilment, at most.
KTEST(threadlab_fair) {
    static Mutex mutex(LockRank::kTestMutex, "wanted");
    static volatile u64 greedy_rounds = 0, worst = 0, served = 0;
    static u64 turns_inside;
    turns_inside = 1 + Random(input()).below(4);
    auto play = [](unsigned i) {
        if (i == 0) {
            for (u64 round = 0; round < 600 && served < 60; round++) {
                MutexGuard guard(mutex);
                greedy_rounds = greedy_rounds + 1;
                for (u64 turn = 0; turn < turns_inside; turn++) yield();
            }
            return;
        }
        for (u64 round = 0; round < 20; round++) {
            u64 before = greedy_rounds;
            MutexGuard guard(mutex);
            worst = max(u64{worst}, greedy_rounds - before);
            served = served + 1;
            yield();
        }
    };
    auto& players = players_of(play);
    players.start(4);
    players.play();
    note(served);
    note(worst);
    probe_done();
}

namespace {

constinit Mutex misused(LockRank::kTestMutex, "misused");
constinit volatile u64 phase = 0;

// The one who plays by the rules, holding the mutex until phase 1.
void hold_for_a_while() NO_THREAD_SAFETY_ANALYSIS {
    misused.lock();
    phase = 1;
    while (phase == 1) yield();
    misused.unlock();
    phase = 3;
}

void foreign_unlock(bool badly) NO_THREAD_SAFETY_ANALYSIS {
    while (phase == 0) yield();
    if (badly) {
        misused.unlock();
        probe_done();  // so the kernel has let it pass
    }
    phase = 2;
}

void lock_twice(bool badly) NO_THREAD_SAFETY_ANALYSIS {
    misused.lock();
    if (!badly) misused.unlock();
    misused.lock();
    misused.unlock();
}

void sleep_with_spinlock(bool badly) NO_THREAD_SAFETY_ANALYSIS {
    static SpinLock spinlock(LockRank::kWait, "held meanwhile");
    spinlock.lock();
    if (!badly) spinlock.unlock();
    misused.lock();
    misused.unlock();
    if (badly) spinlock.unlock();
}

}  // namespace

// Does one of three things that are forbidden, or what is most like it and allowed, then a sum.
KTEST(threadlab_misuse) {
    auto play = [](unsigned i) {
        const bool badly = boot_option("how") == "badly";
        StringView what = boot_option("case");
        if (what == "foreign") return i == 0 ? hold_for_a_while() : foreign_unlock(badly);
        if (i == 0) return what == "twice" ? lock_twice(badly) : sleep_with_spinlock(badly);
    };
    auto& players = players_of(play);
    players.start(2);
    players.play();
    Random random(input());
    note(players.done() == 2 ? random.next() : 0);
    probe_done();
}
