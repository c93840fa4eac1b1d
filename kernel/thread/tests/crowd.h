// For tests: a number of threads that run the same function with their index, and are waited for.
#pragma once
#include "base/format.h"
#include "base/ktest.h"
#include "mm/frame.h"
#include "thread/mutex.h"
#include "thread/scheduler.h"
#include "thread/thread.h"

template <typename F> class Crowd : Immovable {
  public:
    static constexpr unsigned kMost = 64;

    // Starts `size` threads that each call work(index).
    Crowd(unsigned size, F work) : work_(work) {
        for (unsigned i = 0; i < size; i++) {
            char name[Thread::kNameSize];
            format_into(name, sizeof name, "test/%u", i);
            members_[i] = {this, i};
            Result<Ref<Thread>> thread = Thread::create(name, run, &members_[i]);
            if (!thread.ok()) {
                ktest_fail(__FILE__, __LINE__, "no memory for thread %u", i);
                return;
            }
            threads_[size_++] = *thread;
            (*thread)->start();
        }
    }
    // Waits for all, until each one's own reference to itself is gone too.
    ~Crowd() {
        for (unsigned i = 0; i < size_; i++) {
            threads_[i]->join();
            while (threads_[i]->reference_count() > 1) yield();
        }
    }

    Thread& operator[](unsigned index) { return *threads_[index]; }

  private:
    struct Member {
        Crowd* crowd;
        unsigned index;
    };
    static void run(void* argument) {
        Member& member = *static_cast<Member*>(argument);
        member.crowd->work_(member.index);
    }

    F work_;
    unsigned size_ = 0;
    Member members_[kMost];
    Ref<Thread> threads_[kMost];
};

// Runs `test` once as it is and then with threads switched at random places, from several seeds.
// Whatever the command line asks for is in force again afterwards.
template <typename F> void with_many_schedules(F test) {
    bool was_on = seeded_preemption;
    test();
    for (u64 seed = 1; seed <= 5; seed++) {
        seed_preemption(seed);
        test();
    }
    if (!was_on) seed_preemption(0);
}

// Expects that as many frames are free, and as many threads exist, at its end as at its beginning.
class NothingLeaks : Immovable {
  public:
    ~NothingLeaks() {
        // Threads that nobody joins take a moment to go.
        for (int i = 0; i < 1000 && thread_count() > threads_; i++) {
            EXPECT(sleep_until(time_now() + kMillisecond).ok());
        }
        EXPECT_EQ(memory_stats().free, free_frames_);
        EXPECT_EQ(thread_count(), threads_);
    }

  private:
    u64 free_frames_ = memory_stats().free;
    usize threads_ = thread_count();
};
