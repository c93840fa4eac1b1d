// Tests of the sleeping locks.
#include "thread/tests/crowd.h"

KTEST(thread_mutex_excludes) {
    with_many_schedules([] {
        constexpr u32 kThreads = 6, kRounds = 150;
        Mutex mutex(LockRank::kTestMutex, "test");
        volatile u32 count = 0;
        Atomic<u32> inside{0};
        {
            Crowd crowd(kThreads, [&](unsigned i) {
                for (u32 round = 0; round < kRounds; round++) {
                    MutexGuard guard(mutex);
                    EXPECT_EQ(inside.fetch_add(1), 0u);
                    u32 before = count;
                    if (round % 8 == i) yield();
                    count = before + 1;
                    inside.fetch_sub(1);
                }
            });
        }
        EXPECT_EQ(u32{count}, kThreads * kRounds);
    });
}

// A thread that takes the mutex again and again, and sleeps with it, cannot keep another out.
KTEST(thread_mutex_is_handed_over) {
    Mutex mutex(LockRank::kTestMutex, "test");
    Atomic<bool> stop{false};
    Atomic<u32> rounds{0};
    Crowd crowd(1, [&](unsigned) {
        while (!stop.load()) {
            MutexGuard guard(mutex);
            EXPECT(sleep_until(time_now() + 300 * kMicrosecond).ok());
            rounds.fetch_add(1);
        }
    });
    while (rounds.load() == 0) yield();
    for (int i = 0; i < 5; i++) {
        u32 before = rounds.load();
        MutexGuard guard(mutex);
        EXPECT(rounds.load() - before <= 4);
    }
    stop.store(true);
}

KTEST(thread_mutex_ranks_may_nest_upwards) {
    Mutex outer(LockRank::kDirectory, "outer"), second(LockRank::kDirectory, "second"),
        inner(LockRank::kTestMutex, "inner");
    MutexGuard first(outer);
    second.lock_nested();
    MutexGuard last(inner);
    EXPECT(outer.held() && second.held() && inner.held());
    second.unlock();
}

KTEST(thread_condvar_signal_finds_the_waiter) {
    with_many_schedules([] {
        constexpr u32 kRounds = 60;
        Mutex mutex(LockRank::kTestMutex, "turn");
        CondVar changed;
        u32 turn = 0;
        Crowd crowd(3, [&](unsigned i) {
            for (u32 round = 0; round < kRounds; round++) {
                MutexGuard guard(mutex);
                while (turn % 3 != i) changed.wait(mutex);
                turn++;
                changed.broadcast();
            }
        });
        for (unsigned i = 0; i < 3; i++) crowd[i].join();
        EXPECT_EQ(turn, 3 * kRounds);
    });
}

KTEST(thread_condvar_signal_wakes_one) {
    Mutex mutex(LockRank::kTestMutex, "test");
    CondVar changed;
    u32 waiting = 0, woken = 0;
    Crowd crowd(3, [&](unsigned) {
        MutexGuard guard(mutex);
        waiting++;
        changed.wait(mutex);
        woken++;
    });
    auto count = [&](const u32& number) {
        MutexGuard guard(mutex);
        return u32{number};
    };
    while (count(waiting) < 3) yield();
    changed.signal();
    while (count(woken) < 1) yield();
    EXPECT(sleep_until(time_now() + 5 * kMillisecond).ok());
    EXPECT_EQ(count(woken), 1u);
    changed.broadcast();
}

KTEST(thread_semaphore_counts) {
    with_many_schedules([] {
        Semaphore places(3);
        Atomic<u32> inside{0};
        Crowd crowd(8, [&](unsigned) {
            for (int round = 0; round < 20; round++) {
                places.down();
                EXPECT(inside.fetch_add(1) < 3);
                yield();
                inside.fetch_sub(1);
                places.up();
            }
        });
        for (unsigned i = 0; i < 8; i++) crowd[i].join();
        for (int i = 0; i < 3; i++) places.down();  // as many as at the start: none of these waits
    });
}
