// Exercise 5: the mutex.
#include "thread_probe.h"

namespace {

// Under seeded pre-emption a thread locks and unlocks, alone; notes how often another one ran
// meanwhile.
void switch_at_unlock() {
    static Mutex mutex(LockRank::kTestMutex, "nobody else's");
    static volatile u64 turns = 0, during = 0;
    static volatile bool over = false;
    auto play = [](unsigned i) {
        if (i == 0) {
            const u64 before = turns;
            for (int round = 0; round < 100; round++) MutexGuard guard(mutex);
            during = turns - before;
            over = true;
        }
        while (!over) {
            turns = turns + 1;
            yield();
        }
    };
    auto& players = players_of(play);
    seed_preemption(input());
    players.start(2);
    players.play();
    seed_preemption(0);
    note(during);
}

// Where thread B has to stop, between two of its steps, until phase 4.
constinit volatile u64 step = 0;
constinit Thread* stopped = nullptr;

// A holds the mutex. W has been overtaken, so the mutex is to be handed over. B has come into the queue
// behind W and is stopped right there, before it can mark the word. A and W unlock; then B goes on. Notes
// whether all have come to their end.
bool overtake_in_the_queue() {
    static Mutex mutex(LockRank::kTestMutex, "handed over");
    auto play = [](unsigned i) NO_THREAD_SAFETY_ANALYSIS {
        if (i == 0) {
            mutex.lock();
            step = 1;
            for (int turn = 0; turn < 10; turn++) yield();  // W stands in the queue
            mutex.unlock();
            mutex.lock();
            for (int turn = 0; turn < 10; turn++) yield();  // W was woken in vain
            step = 2;
            for (int turn = 0; turn < 10; turn++) yield();  // B stands there too
        } else if (i == 1) {
            while (step < 1) yield();
            mutex.lock();
        } else {
            while (step < 2) yield();
            stopped = &current_thread();
            mutex.lock();
        }
        mutex.unlock();
        if (i == 1) step = 4;
    };
    spinlock_released = [](LockRank rank) {
        const bool may_yield = interrupts_enabled() && this_hart().interrupts_off == 0;
        if (rank != LockRank::kWaitQueue || &current_thread() != stopped || !may_yield) return;
        stopped = nullptr;
        for (int turn = 0; turn < 100 && step < 4; turn++) yield();
    };
    auto& players = players_of(play);
    players.start(3);
    const bool ended = players.play();
    spinlock_released = nullptr;
    note(ended ? 1 : 0);
    return ended;
}

// Again and again B locks the mutex that A holds, and A comes in between and unlocks it: each time at
// another moment, when the timer interrupts. Notes how often B got the mutex.
bool unlock_at_any_moment() {
    constexpr u64 kRounds = 1500;
    static Mutex mutex(LockRank::kTestMutex, "given back");
    static volatile bool held = false, now = false;
    static volatile u64 served = 0;
    auto play = [](unsigned i) NO_THREAD_SAFETY_ANALYSIS {
        Random moments(input());
        for (u64 round = 0; round < kRounds; round++) {
            if (i == 0) {
                mutex.lock();
                held = true;
                while (!now) yield();
                mutex.unlock();
                while (served == round) yield();
            } else {
                while (!held) yield();
                now = false;
                held = false;
                set_timer(time_now() + moments.below(4000));
                busy(moments.below(40));
                mutex.lock();
                mutex.unlock();
                served = served + 1;
            }
        }
    };
    at_timer([] {
        now = true;
        Scheduler::here().message_arrived();  // so another one runs next
    });
    auto& players = players_of(play);
    players.start(2);
    const bool ended = players.play();
    at_timer(nullptr);
    note(served);
    return ended;
}

}  // namespace

// Threads add to a number that only the mutex guards, and yield between reading and writing it.
KTEST(threadlab_mutex) {
    constexpr unsigned kThreads = 5;
    constexpr u64 kRounds = 40;
    struct Shared {
        Mutex mutex{LockRank::kTestMutex, "shared"};
        volatile u64 sum = 0, inside = 0, most_inside = 0, wrong_owner = 0;
    };
    switch_at_unlock();
    if (!overtake_in_the_queue() || !unlock_at_any_moment()) probe_done();
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
        const bool ended = players.play();
        note(players.done());
        note(shared->most_inside);
        note(shared->wrong_owner);
        note(shared->sum);
        note(shared->mutex.held());
        return ended;
    });
    probe_done();
}

namespace {

// A thread unlocks while another one waits for the first time, and locks again at once. Notes whether
// that one came in between.
void overtake() {
    static Mutex mutex(LockRank::kTestMutex, "taken again");
    static volatile u64 phase = 0, others_turns = 0;
    auto play = [](unsigned i) NO_THREAD_SAFETY_ANALYSIS {
        if (i == 0) {
            mutex.lock();
            phase = 1;
            for (int turn = 0; turn < 10; turn++) yield();
            mutex.unlock();
            mutex.lock();
            note(others_turns);
        } else {
            while (phase == 0) yield();
            mutex.lock();
            others_turns = others_turns + 1;
        }
        mutex.unlock();
    };
    auto& players = players_of(play);
    players.start(2);
    note(players.play() ? 1 : 0);
}

// One thread takes the mutex again as soon as it has let it go; others want it too. Notes how often
// they had it, how often the greedy one had it between a wish of the others and its fulfilment, at
// most, and whether somebody who comes later, when nobody else wants it, still gets it.
bool play_greedy(unsigned others, u64 turns) {
    struct Wanted {
        Mutex mutex{LockRank::kTestMutex, "wanted"};
        u64 others = 0, turns_inside = 0;
        volatile u64 greedy_rounds = 0, worst = 0, served = 0;
    };
    static Wanted* wanted;
    wanted = make<Wanted>().value().release();
    wanted->others = others;
    wanted->turns_inside = turns;
    auto play = [](unsigned i) {
        Wanted& all = *wanted;
        constexpr u64 kRounds = 20;
        if (i == 0) {
            for (u64 round = 0; round < 600 && all.served < kRounds * all.others; round++) {
                MutexGuard guard(all.mutex);
                all.greedy_rounds = all.greedy_rounds + 1;
                for (u64 turn = 0; turn < all.turns_inside; turn++) yield();
            }
            return;
        }
        for (u64 round = 0; round < kRounds; round++) {
            u64 before = all.greedy_rounds;
            MutexGuard guard(all.mutex);
            all.worst = max(u64{all.worst}, all.greedy_rounds - before);
            all.served = all.served + 1;
            yield();
        }
    };
    auto& players = players_of(play);
    players.start(1 + others);
    players.play();
    note(wanted->served);
    note(wanted->worst);
    auto& latecomer = players_of([](unsigned) { MutexGuard guard(wanted->mutex); });
    latecomer.start(1);
    const bool ended = latecomer.play();
    note(ended ? 1 : 0);
    return ended;
}

}  // namespace

KTEST(threadlab_fair) {
    overtake();
    const u64 turns = 1 + Random(input()).below(4);
    for (unsigned others = 1; others <= 4 && play_greedy(others, turns);) others++;
    probe_done();
}

namespace {

constinit Mutex misused(LockRank::kTestMutex, "misused");
constinit Mutex comes_first(LockRank::kBlock, "comes first");
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

void lock_in_order(bool badly) NO_THREAD_SAFETY_ANALYSIS {
    misused.lock();
    if (!badly) misused.unlock();
    comes_first.lock();
    if (!badly) misused.lock();
    misused.unlock();
    comes_first.unlock();
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

// Does one of four things that are forbidden, or all that is most like them and allowed, then a sum.
KTEST(threadlab_misuse) {
    note(DEBUG);  // only debug builds check the order, and who may sleep
    auto play = [](unsigned i) {
        StringView what = boot_option("case");
        const bool badly = what != "none";
        if (!badly || what == "foreign") i == 0 ? hold_for_a_while() : foreign_unlock(badly);
        if (i != 0) return;
        if (!badly || what == "twice") lock_twice(badly);
        if (!badly || what == "order") lock_in_order(badly);
        if (!badly || what == "spinlock") sleep_with_spinlock(badly);
    };
    auto& players = players_of(play);
    players.start(2);
    players.play();
    Random random(input());
    note(players.done() == 2 ? random.next() : 0);
    probe_done();
}
