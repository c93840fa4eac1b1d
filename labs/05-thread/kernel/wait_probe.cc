// Exercise 3: waiting and waking.
#include "thread_probe.h"

namespace {

constexpr u64 kMisused = ~u64{0};  // noted where something happened that never may

// A few numbers, guarded by a spinlock.
struct Ring {
    static constexpr u32 kSize = 3;

    void put(u64 value) {
        SpinGuard guard(lock);
        wait_until(room, lock, [this] { return count < kSize; });
        if (count >= kSize) return note(kMisused);
        values[(first + count++) % kSize] = value;
        filled.wake_one();
    }
    void take() {
        SpinGuard guard(lock);
        wait_until(filled, lock, [this] { return count > 0; });
        if (count == 0 || !lock.held_here()) return note(kMisused);
        note(values[first]);
        first = (first + 1) % kSize;
        count--;
        room.wake_one();
    }

    SpinLock lock{LockRank::kWait, "ring"};
    WaitQueue room, filled;
    u64 values[kSize] = {};
    u32 first = 0, count = 0;
};

}  // namespace

// As many producers as consumers; the values of a producer carry its number in the lowest byte.
KTEST(threadlab_ring) {
    constexpr unsigned kPairs = 3;
    constexpr u64 kEach = 40;
    with_schedules(static_cast<unsigned>(input("schedules")), [](u64 seed) {
        static Ring* ring;
        static u64 base;
        ring = make<Ring>().value().release();
        base = seed;
        auto play = [](unsigned i) {
            Random random(base + i);
            for (u64 n = 0; n < kEach; n++) {
                if (i < kPairs)
                    ring->put((random.next() & ~u64{0xff}) | i);
                else
                    ring->take();
                if (random.below(4) == 0) yield();
            }
        };
        auto& players = players_of(play);
        players.start(2 * kPairs);
        const bool ended = players.play();
        note(players.done());
        note(ring->room.waiting() + ring->filled.waiting());
        return ended;
    });
    probe_done();
}

namespace {

constinit SpinLock key_lock{LockRank::kWait, "keys"};
constinit WaitQueue* key_arrived = nullptr;

}  // namespace

// One thread waits for keys and one for what never comes, while the host looks where the hart is.
KTEST(threadlab_idle) {
    static WaitQueue keys, never;
    static u64 sum = 0, left;
    left = input("keys");
    key_arrived = &keys;
    console_input_arrived = [] { key_arrived->wake_all(); };
    auto play = [](unsigned i) {
        SpinGuard guard(key_lock);
        if (i == 1) wait_until(never, key_lock, [] { return false; });
        for (; left > 0; left--) {
            int key = -1;
            wait_until(keys, key_lock, [&] { return (key = console_read()) >= 0; });
            sum = sum * 31 + static_cast<u64>(key);
        }
        note(sum);
        probe_done();
    };
    auto& players = players_of(play);
    players.start(2);
    for (int turn = 0; turn < 20; turn++) yield();
    kprintf("probe: waiting\n");
    SpinGuard guard(key_lock);
    wait_until(never, key_lock, [] { return false; });
}

namespace {

// Threads that take one permit at a time and say who they are, each in its turn.
struct Gate {
    SpinLock lock{LockRank::kWait, "gate"};
    WaitQueue queue;
    u64 permits = 0;

    void pass(unsigned who) {
        SpinGuard guard(lock);
        wait_until(queue, lock, [this] { return permits > 0; });
        permits--;
        note(who);
    }
    void give(u64 count) {
        SpinGuard guard(lock);
        permits += count;
    }
};

void let_all_settle() {
    for (int turn = 0; turn < 40; turn++) yield();
}

// How often waking the queue takes its lock. In debug builds, which tell when a lock is released.
u64 lock_count_of_waking(WaitQueue& queue) {
    static u64 count;
    count = 0;
    InterruptsOff off;
    spinlock_released = [](LockRank rank) { count += rank == LockRank::kWaitQueue; };
    queue.wake_one();
    queue.wake_all();
    spinlock_released = nullptr;
    return count;
}

}  // namespace

// Who is woken, and in which order. After each step: a mark, and how many wait.
KTEST(threadlab_wake) {
    constexpr u64 kMark = 1000;
    static Gate gate;
    note(lock_count_of_waking(gate.queue));
    auto play = [](unsigned i) {
        for (;;) {
            gate.pass(i);
            yield();  // the others who were woken come first
        }
    };
    auto& players = players_of(play);
    const u64 count = input("threads"), steps = input("steps");
    ASSERT(count > 1);
    players.start(static_cast<unsigned>(count));
    let_all_settle();
    Random random(input());
    for (u64 step = 0; step < steps; step++) {
        const u64 kind = random.below(4), permits = 1 + random.below(count - 1);
        if (kind == 0) {  // one permit, one wake-up
            gate.give(1);
            gate.queue.wake_one();
        } else if (kind == 1) {  // fewer permits than wake-ups: the others go on waiting
            gate.give(permits);
            gate.queue.wake_all();
        } else if (kind == 2) {  // a wake-up for nothing
            gate.queue.wake_one();
        } else {  // a set looks on: it hears both wake-ups and takes them from nobody
            WaitSet set;
            set.add(gate.queue).value();
            for (int time = 0; time < 2; time++) {
                gate.give(1);
                gate.queue.wake_one();
                note(set.sleep(time_now() + kMillisecond).ok() ? 1 : 0);
            }
        }
        let_all_settle();
        note(kMark);
        note(gate.queue.waiting());
    }
    probe_done();
}

namespace {

// A thread that waits with a deadline, and what became of it.
struct Patience {
    SpinLock lock{LockRank::kWait, "patience"};
    WaitQueue queue;
    bool done = false;
    u64 deadline = 0;
    volatile u64 outcome = 77, held = 0, late = 0;

    static void wait(void* argument) {
        Patience& self = *static_cast<Patience*>(argument);
        {
            SpinGuard guard(self.lock);
            Result<void> result = wait_until_deadline(self.queue, self.lock, self.deadline,
                                                      [&self] { return self.done; });
            self.outcome = result.ok() ? 0 : static_cast<u64>(result.error().number);
            self.held = self.lock.held_here();
            self.late = time_now() >= self.deadline;
        }
        for (;;) {
            current_thread().announce_park();
            park();
        }
    }
    void finish() {
        SpinGuard guard(lock);
        done = true;
    }
};

void busy_until(u64 moment) {
    while (time_now() < moment) continue;
}

}  // namespace

// Deadlines, interruptions and wake-ups, one or two of them before the thread runs again. The kinds:
// 0 deadline, 1 wake-up, 2 interruption, 3 deadline and then done, 4 interruption and then done,
// 5 done from the start and deadline over.
KTEST(threadlab_deadline) {
    Random random(input());
    for (u64 i = 0, count = input("cases"); i < count; i++) {
        const u64 kind = random.below(6);
        Patience& patience = *make<Patience>().value().release();
        patience.deadline =
            time_now() + (kind == 5 ? 0 : kMillisecond + random.below(kMillisecond));
        if (kind == 5) patience.finish();
        Thread& thread = *Thread::create("patient", Patience::wait, &patience).value().leak();
        thread.start();
        for (int turn = 0; turn < 5; turn++) yield();
        if (kind == 0 || kind == 3) busy_until(patience.deadline + 100 * kMicrosecond);
        if (kind == 2 || kind == 4) thread.interrupt();
        if (kind == 1 || kind == 3 || kind == 4) patience.finish();
        if (kind == 1) patience.queue.wake_one();
        for (int turn = 0; turn < 5; turn++) yield();
        note(patience.outcome);
        note(patience.held);
        note(patience.late);
        note(patience.queue.waiting());
    }
    probe_done();
}
