// Tests of waiting: no wake-up is lost, deadlines hold, interruptions end what they should.
#include "base/random.h"
#include "thread/tests/crowd.h"

namespace {

// A ring of a few numbers, guarded by a lock of either kind: the bounded buffer of every textbook.
template <typename Lock> struct Ring {
    explicit Ring(LockRank rank) : lock(rank, "ring") {}

    void put(u64 value) {
        lock.lock();
        wait_until(room, lock, [this] { return count < kSize; });
        values[(first + count++) % kSize] = value;
        lock.unlock();
        filled.wake_one();
    }
    u64 take() {
        lock.lock();
        wait_until(filled, lock, [this] { return count > 0; });
        u64 value = values[first];
        first = (first + 1) % kSize;
        count--;
        lock.unlock();
        room.wake_one();
        return value;
    }

    static constexpr u32 kSize = 3;
    Lock lock;
    WaitQueue room, filled;
    u64 values[kSize] = {};
    u32 first = 0, count = 0;
};

// Producers put 1 … n, consumers take all of it: the sum is kept.
template <typename Lock> void move_numbers(LockRank rank) {
    constexpr u64 kEach = 150;
    constexpr unsigned kPairs = 3;
    Ring<Lock> ring(rank);
    Atomic<u64> sum{0};
    {
        Crowd crowd(2 * kPairs, [&](unsigned i) {
            for (u64 n = 1; n <= kEach; n++) {
                if (i < kPairs)
                    ring.put(n);
                else
                    sum.fetch_add(ring.take());
            }
        });
    }
    EXPECT_EQ(sum.load(), kPairs * kEach * (kEach + 1) / 2);
    EXPECT_EQ(ring.count, 0u);
}

}  // namespace

KTEST(thread_wait_producers_and_consumers_with_spinlock) {
    with_many_schedules([] { move_numbers<SpinLock>(LockRank::kWait); });
}

KTEST(thread_wait_producers_and_consumers_with_mutex) {
    with_many_schedules([] { move_numbers<Mutex>(LockRank::kTestMutex); });
}

// All threads pass each round of a barrier together.
KTEST(thread_wait_barrier_holds_everybody) {
    with_many_schedules([] {
        constexpr u32 kThreads = 5, kRounds = 30;
        SpinLock lock(LockRank::kWait, "barrier");
        WaitQueue queue;
        u32 arrived = 0, round = 0;
        Atomic<u32> in_round[kRounds] = {};
        Crowd crowd(kThreads, [&](unsigned) {
            for (u32 r = 0; r < kRounds; r++) {
                in_round[r].fetch_add(1);
                SpinGuard guard(lock);
                if (++arrived == kThreads) {
                    arrived = 0;
                    round++;
                    queue.wake_all();
                } else {
                    wait_until(queue, lock, [&] { return round > r; });
                }
                EXPECT_EQ(in_round[r].load(), kThreads);
            }
        });
    });
}

KTEST(thread_wait_deadline_passes) {
    SpinLock lock(LockRank::kWait, "test");
    WaitQueue queue;
    const u64 delays[] = {0, 100 * kMicrosecond, 3 * kMillisecond, 30 * kMillisecond};
    for (u64 delay : delays) {
        u64 deadline = time_now() + delay;
        SpinGuard guard(lock);
        Result<void> result = wait_until_deadline(queue, lock, deadline, [] { return false; });
        EXPECT(result.error() == Errno{ETIMEDOUT});
        EXPECT(time_now() >= deadline);
    }
    EXPECT_EQ(queue.waiting(), 0u);
}

// Deadlines that pass just while the thread goes to sleep.
KTEST(thread_wait_short_deadlines) {
    Crowd crowd(3, [&](unsigned i) {
        for (u64 n = 0; n < 1500; n++) {
            EXPECT(sleep_until(time_now() + (n * 7 + i) % 40 * 100 * kNanosecond).ok());
        }
    });
}

// Wake-ups from other harts that come just while the thread goes to sleep: pairs that are too busy
// for one hart, so that idle ones take them away from each other.
KTEST(thread_wait_wakers_on_other_harts) {
    constexpr unsigned kPairs = 4;
    Semaphore there[kPairs] = {Semaphore(0), Semaphore(0), Semaphore(0), Semaphore(0)};
    Semaphore back[kPairs] = {Semaphore(0), Semaphore(0), Semaphore(0), Semaphore(0)};
    Crowd crowd(2 * kPairs, [&](unsigned i) {
        Random random(i + 1);
        Semaphore* mine = i < kPairs ? there : back;
        Semaphore* others = i < kPairs ? back : there;
        for (u32 round = 0; round < 400; round++) {
            mine[i % kPairs].up();
            u64 until = time_now() + random.below(30) * kMicrosecond;
            while (time_now() < until) {
            }
            others[i % kPairs].down();
        }
    });
}

KTEST(thread_wait_deadline_far_away_does_not_matter) {
    SpinLock lock(LockRank::kWait, "test");
    WaitQueue queue;
    bool done = false;
    Crowd crowd(1, [&](unsigned) {
        EXPECT(sleep_until(time_now() + 5 * kMillisecond).ok());
        SpinGuard guard(lock);
        done = true;
        queue.wake_one();
    });
    SpinGuard guard(lock);
    u64 deadline = time_now() + 1000 * kSecond;
    EXPECT(wait_until_deadline(queue, lock, deadline, [&] { return done; }).ok());
}

KTEST(thread_wait_sleepers_wake_in_order) {
    Atomic<u32> woken{0};
    u64 start = time_now() + 5 * kMillisecond;
    u32 place[6] = {};
    {
        Crowd crowd(6, [&](unsigned i) {
            // Neither in the order of starting nor its reverse.
            u64 deadline = start + (i * 5 % 6) * 60 * kMillisecond;
            EXPECT(sleep_until(deadline).ok());
            EXPECT(time_now() >= deadline);
            place[i] = woken.fetch_add(1);
        });
    }
    for (u32 i = 0; i < 6; i++) EXPECT_EQ(place[i], i * 5 % 6);
}

KTEST(thread_wait_interrupt_ends_interruptible_only) {
    SpinLock lock(LockRank::kWait, "test");
    WaitQueue queue;
    bool done = false;
    Atomic<u32> interrupted{0}, finished{0};
    Crowd crowd(2, [&](unsigned i) {
        SpinGuard guard(lock);
        if (i == 0) {
            Result<void> result = wait_until_interruptible(queue, lock, [&] { return done; });
            interrupted.fetch_add(result.error() == Errno{EINTR} ? 1 : 0);
        } else {
            wait_until(queue, lock, [&] { return done; });
            finished.fetch_add(1);
        }
    });
    while (queue.waiting() < 2) yield();
    crowd[0].interrupt();
    crowd[1].interrupt();
    crowd[0].join();
    EXPECT_EQ(interrupted.load(), 1u);
    EXPECT_EQ(finished.load(), 0u);
    SpinGuard guard(lock);
    done = true;
    queue.wake_all();
}

KTEST(thread_wait_interrupt_before_is_remembered) {
    Atomic<u32> right{0};
    {
        Crowd crowd(1, [&](unsigned) {
            current_thread().interrupt();
            right.fetch_add(sleep_until(time_now() + 100 * kSecond).error() == Errno{EINTR});
            current_thread().clear_interrupt();
            right.fetch_add(sleep_until(time_now() + kMillisecond).ok());
        });
    }
    EXPECT_EQ(right.load(), 2u);
}

// Waiters that give up, are interrupted and are woken at the same time lose nothing: each token put
// is taken, by those who stay.
KTEST(thread_wait_giving_up_swallows_no_wake_up) {
    with_many_schedules([] {
        constexpr u32 kTokens = 60;
        SpinLock lock(LockRank::kWait, "tokens");
        WaitQueue queue;
        u32 tokens = 0;
        Atomic<u32> taken{0};
        Crowd crowd(5, [&](unsigned i) {
            if (i == 4) {
                for (u32 n = 0; n < kTokens; n++) {
                    EXPECT(sleep_until(time_now() + 200 * kMicrosecond).ok());
                    SpinGuard guard(lock);
                    tokens++;
                    queue.wake_one();
                }
            }
            while (i < 4 && taken.load() < kTokens) {
                u64 patience = i == 0 ? 20 * kMillisecond : 150 * kMicrosecond;
                SpinGuard guard(lock);
                if (wait_until_deadline(queue, lock, time_now() + patience, [&] {
                        return tokens > 0;
                    }).ok()) {
                    tokens--;
                    taken.fetch_add(1);
                }
            }
        });
        for (unsigned i = 0; i < 5; i++) crowd[i].join();
        EXPECT_EQ(taken.load(), kTokens);
        EXPECT_EQ(queue.waiting(), 0u);
    });
}

KTEST(thread_wait_set_hears_every_queue) {
    WaitQueue queues[3];
    for (WaitQueue& queue : queues) {
        Atomic<bool> event{false};
        Crowd crowd(1, [&](unsigned) {
            EXPECT(sleep_until(time_now() + 2 * kMillisecond).ok());
            event.store(true);
            queue.wake_one();
        });
        WaitSet set;
        for (WaitQueue& each : queues) EXPECT(set.add(each).ok());
        while (!event.load()) EXPECT(set.sleep(time_now() + 100 * kSecond).ok());
        EXPECT(set.sleep(time_now() + kMillisecond).error() == Errno{ETIMEDOUT});
    }
    for (WaitQueue& queue : queues) EXPECT_EQ(queue.waiting(), 0u);
}

// A set that looks on takes no wake-up away from a thread that waits.
KTEST(thread_wait_set_does_not_swallow) {
    SpinLock lock(LockRank::kWait, "test");
    WaitQueue queue;
    bool done = false;
    Crowd crowd(1, [&](unsigned) {
        SpinGuard guard(lock);
        wait_until(queue, lock, [&] { return done; });
    });
    while (queue.waiting() == 0) yield();
    WaitSet set;
    EXPECT(set.add(queue).ok());
    {
        SpinGuard guard(lock);
        done = true;
        queue.wake_one();
    }
    crowd[0].join();
    EXPECT(set.sleep(kNever).ok());
}
