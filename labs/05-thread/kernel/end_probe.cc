// Exercise 4: how threads end, and what is left of them.
#include "thread_probe.h"

namespace {

constexpr unsigned kCrowd = 20;

struct Job {
    u64 turns = 0, answer = 0;
    volatile u64 result = 0;
};

void do_job(void* argument) {
    Job& job = *static_cast<Job*>(argument);
    for (u64 turn = 0; turn < job.turns; turn++) yield();
    job.result = job.answer;
}

// A thread that joins another one, which somebody else joins too.
struct Follower {
    Ref<Thread> of;
    volatile u64 seen_state = 99;

    static void follow(void* argument) {
        Follower& self = *static_cast<Follower*>(argument);
        self.of->join();
        self.seen_state = static_cast<u64>(self.of->state());
        self.of = nullptr;
    }
};

void wait_until_only_ours(Thread& thread) {
    for (int turn = 0; turn < 20 && thread.reference_count() > 1; turn++) yield();
}

// Threads with more or less to do, joined in random order, some twice, the first also by another
// thread. Notes each one's result as it is after its join.
void crowd_of_jobs(Random& random) {
    Job jobs[kCrowd];
    Ref<Thread> threads[kCrowd];
    for (unsigned i = 0; i < kCrowd; i++) {
        jobs[i].turns = random.below(12);
        jobs[i].answer = random.next();
        threads[i] = Thread::create("job", do_job, &jobs[i]).value();
    }
    Follower follower;
    follower.of = threads[random.below(kCrowd)];
    Ref<Thread> second = Thread::create("follower", Follower::follow, &follower).value();
    second->start();
    for (Ref<Thread>& thread : threads) thread->start();
    for (unsigned i = 0; i < kCrowd + 5; i++) {
        u64 which = i < kCrowd ? i : random.below(kCrowd);
        threads[which]->join();
        note(jobs[which].result);
        note(threads[which]->state() == ThreadState::kFinished);
    }
    second->join();
    note(follower.seen_state);
    wait_until_only_ours(*second);
    for (Ref<Thread>& thread : threads) wait_until_only_ours(*thread);
}

constinit volatile bool all_done = false;

// The scenario, in a thread of its own: if it hangs, main can still say so.
void many_crowds(void*) {
    Random random(input());
    note(thread_count());
    for (u64 crowd = 0, crowds = input("crowds"); crowd < crowds; crowd++) {
        crowd_of_jobs(random);
        // After the first crowd stacks may be kept for the next ones.
        note(memory_stats().free);
        note(thread_count());
    }
    all_done = true;
    for (;;) yield();
}

}  // namespace

KTEST(threadlab_end) {
    Ref<Thread> driver = Thread::create("driver", many_crowds, nullptr).value();
    driver->start();
    give_turns(all_done);
    note(all_done ? 1 : 0);
    probe_done();
}

// A thread joins itself, or, where the host says so, another one.
KTEST(threadlab_join) {
    static Thread *other, *driver;
    static Job job;
    static volatile bool over = false;
    Random random(input());
    job.turns = random.below(20);
    job.answer = random.next();
    auto drive = [](void*) {
        (boot_option("case") == "self" ? driver : other)->join();
        note(job.result);
        over = true;
        for (;;) yield();
    };
    other = Thread::create("other", do_job, &job).value().leak();
    driver = Thread::create("driver", drive, nullptr).value().leak();
    other->start();
    driver->start();
    give_turns(over);
    probe_done();
}

namespace {

// What the upper floor has attached to a thread; it goes with it.
struct Attached final : UserSide {
    ~Attached() override {
        destroyed = destroyed + 1;
        destroyer = current_thread().id();
        could_sleep = interrupts_enabled();
        yield();
    }
    void switched_in(Hart&) override {}
    void switched_out() override {}
    static inline volatile u64 destroyed = 0, destroyer = 0, could_sleep = 0;
};

}  // namespace

// A thread to which something is attached ends, and another one joins it meanwhile.
KTEST(threadlab_last_steps) {
    static Job job;
    static volatile bool joined = false, never = false;
    static Thread* ending;
    static u64 owners_at_waking;
    Random random(input());
    job.turns = 30 + random.below(20);
    ending = Thread::create("ending", do_job, &job).value().leak();
    ending->user = make<Attached>().value();
    auto join = [](void*) {
        ending->join();
        note(Attached::destroyed);
        note(Attached::destroyer == ending->id());
        note(Attached::could_sleep);
        joined = true;
        give_turns(never);
    };
    Ref<Thread> joining = Thread::create("joining", join, nullptr).value();
    ending->start();
    joining->start();
    for (int turn = 0; turn < 10; turn++) yield();
    note(static_cast<u64>(joining->state()));
    // bury() wakes the joiner: ours is one reference then, and the thread's own the other.
    spinlock_released = [](LockRank rank) {
        const bool woken =
            rank == LockRank::kWaitQueue && ending->state() == ThreadState::kFinished;
        if (woken && owners_at_waking == 0) owners_at_waking = ending->reference_count();
    };
    give_turns(joined);
    spinlock_released = nullptr;
    note(joined);
    note(DEBUG ? owners_at_waking : 2);  // other builds do not tell when locks are released
    probe_done();
}

// A thread ends while it holds a mutex. It has not really locked it: that is a later exercise.
KTEST(threadlab_exit) {
    static Mutex kept(LockRank::kTestMutex, "kept");
    auto end = [](void*) {
        current_thread().held_mutexes = &kept;
        exit_thread();
    };
    Thread::create("careless", end, nullptr).value()->start();
    for (int turn = 0; turn < 20; turn++) yield();
    probe_done();
}
