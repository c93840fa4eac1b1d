// Exercise 6: condition variables and semaphores.
#include "thread_probe.h"

KTEST(threadlab_semaphore) {
    constexpr unsigned kThreads = 6;
    constexpr u64 kRounds = 25;
    struct Shared {
        explicit Shared(u32 permits) : places(permits), turnstile(0) {}
        Semaphore places, turnstile;
        volatile u64 inside = 0, most_inside = 0, passed = 0;
    };
    with_schedules(static_cast<unsigned>(input("schedules")), [](u64 seed) {
        static Shared* shared;
        static u64 base;
        shared = make<Shared>(static_cast<u32>(1 + seed % 3)).value().release();
        base = seed;
        auto play = [](unsigned i) {
            Random random(base + i);
            for (u64 round = 0; round < kRounds; round++) {
                shared->places.down();
                shared->inside = shared->inside + 1;
                shared->most_inside = max(u64{shared->most_inside}, u64{shared->inside});
                for (u64 turns = 1 + random.below(3); turns > 0; turns--) yield();
                shared->inside = shared->inside - 1;
                shared->places.up();
            }
            shared->turnstile.down();
            shared->passed = shared->passed + 1;
        };
        auto& players = players_of(play);
        players.start(kThreads);
        players.play();  // until all wait at the turnstile
        note(shared->most_inside);
        // Several permits in one go, before any of those who wait has run.
        const u64 first = 2 + seed % 3;
        for (u64 i = 0; i < first; i++) shared->turnstile.up();
        players.play();
        note(shared->passed);
        for (u64 i = first; i < kThreads; i++) shared->turnstile.up();
        const bool ended = players.play();
        note(shared->passed);
        return ended;
    });
    probe_done();
}

namespace {

// Many may read, or one may write, and writers come first: the textbook's use of condition variables.
struct Library {
    Mutex mutex{LockRank::kTestMutex, "library"};
    CondVar readers_may, writers_may;
    u64 reading = 0, writing = 0, writers_waiting = 0;
    volatile u64 left = 0, right = 0;

    void read(unsigned who) {
        {
            MutexGuard guard(mutex);
            while (writing > 0 || writers_waiting > 0) readers_may.wait(mutex);
            reading++;
        }
        note(0x100 + who);
        u64 first = left;
        yield();
        note(first);
        note(right);
        note(0x200 + who);
        MutexGuard guard(mutex);
        if (--reading == 0) writers_may.signal();
    }
    void write(unsigned who, u64 value) {
        {
            MutexGuard guard(mutex);
            writers_waiting++;
            while (writing > 0 || reading > 0) writers_may.wait(mutex);
            writers_waiting--;
            writing++;
        }
        note(0x300 + who);
        left = value;
        yield();
        right = value;
        note(value);
        note(0x400 + who);
        MutexGuard guard(mutex);
        writing--;
        if (writers_waiting > 0)
            writers_may.signal();
        else
            readers_may.broadcast();
    }
};

}  // namespace

KTEST(threadlab_library) {
    constexpr unsigned kReaders = 4, kWriters = 2;
    constexpr u64 kRounds = 12;
    with_schedules(static_cast<unsigned>(input("schedules")), [](u64 seed) {
        static Library* library;
        static u64 base;
        library = make<Library>().value().release();
        base = seed;
        auto play = [](unsigned i) {
            Random random(base + i);
            for (u64 round = 0; round < kRounds; round++) {
                u64 value = random.next();
                i < kReaders ? library->read(i) : library->write(i, value);
                for (u64 rest = random.below(3); rest > 0; rest--) yield();
            }
        };
        auto& players = players_of(play);
        players.start(kReaders + kWriters);
        const bool ended = players.play();
        note(0x500 + players.done());
        return ended;
    });
    probe_done();
}

// Threads wait for a signal; `signals` of them come one by one, then a broadcast. After each step it
// is noted who has been woken so far.
KTEST(threadlab_signals) {
    constexpr unsigned kThreads = 6;
    static Mutex mutex(LockRank::kTestMutex, "signals");
    static CondVar changed;
    static u64 waiting = 0;
    auto play = [](unsigned i) {
        MutexGuard guard(mutex);
        waiting++;
        changed.wait(mutex);
        note(mutex.held() ? i : 0x66);
    };
    auto& players = players_of(play);
    players.start(kThreads);
    for (int turn = 0; turn < 100; turn++) yield();
    note(0x100 + waiting);
    for (u64 i = 0, count = input("signals"); i < count; i++) {
        changed.signal();
        for (int turn = 0; turn < 40; turn++) yield();
        note(0x200 + i);
    }
    changed.broadcast();
    for (int turn = 0; turn < 40; turn++) yield();
    note(0x300);
    probe_done();
}
