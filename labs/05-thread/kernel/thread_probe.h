// What the probes of this lab share. A probe is a kernel test that draws a scenario from the number
// that seed_input=… on the command line gives, lets threads play it, and writes what happened into
// thread_log. The host draws the same scenario and knows what must stand there; it reads the log out
// of the machine's memory, once probe_done() has said that it is complete.
#pragma once
#include "base/format.h"
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "mm/frame.h"
#include "thread/mutex.h"
#include "thread/scheduler.h"

inline constexpr usize kThreadLogWords = 1 << 15;
extern "C" u64 thread_log[kThreadLogWords];
extern "C" u64 thread_log_used;

// The labs whose probes are in one kernel must not meet.
namespace threadlab {

// Appends a word to the log.
void note(u64 word);
// The number that `name=` gives on the command line.
u64 input(const char* name = "seed_input");
// Tells the host that the log is complete, and stands still.
[[noreturn]] void probe_done();

// Threads that each run work(index) and then park for ever: how a thread ends is a late exercise.
inline constexpr unsigned kMostPlayers = 16;
template <typename F> class Players : Immovable {
  public:
    explicit Players(F work) : work_(work) {}

    void start(unsigned count) {
        count_ = count;
        for (unsigned i = 0; i < count; i++) {
            members_[i] = {this, i};
            char name[Thread::kNameSize];
            format_into(name, sizeof name, "player/%u", i);
            threads_[i] = Thread::create(name, run, &members_[i]).value();
            threads_[i]->start();
        }
    }
    // Gives everybody turns until all are done, or for so long that the others never will be.
    void play() {
        unsigned seen = done_;
        for (unsigned quiet = 0; done_ < count_ && quiet < 4000; quiet++) {
            yield();
            if (exchange(seen, unsigned{done_}) != seen) quiet = 0;
        }
    }
    unsigned done() const { return done_; }
    Thread& operator[](unsigned index) { return *threads_[index]; }

  private:
    struct Member {
        Players* players;
        unsigned index;
    };
    static void run(void* argument) {
        auto& member = *static_cast<Member*>(argument);
        member.players->work_(member.index);
        member.players->done_ = member.players->done_ + 1;
        for (;;) {
            current_thread().announce_park();
            park();
        }
    }

    F work_;
    unsigned count_ = 0;
    volatile unsigned done_ = 0;
    Member members_[kMostPlayers];
    Ref<Thread> threads_[kMostPlayers];
};

// For ever there, as threads that never end refer to them.
template <typename F> Players<F>& players_of(F work) {
    return *make<Players<F>>(work).value().release();
}

// Lets `game(seed)` be played without and then with switches at random places, from several seeds,
// and notes before each what the seed was: 0 for none.
template <typename F> void with_schedules(unsigned count, F game) {
    Random random(input());
    for (unsigned i = 0; i < count; i++) {
        u64 seed = i == 0 ? 0 : 1 + random.below(1'000'000);
        note(seed);
        seed_preemption(seed);
        game(random.next());
        seed_preemption(0);
    }
}

// Does something of no use to anybody for about that many loads.
inline void busy(u64 loads) {
    volatile u64 word = 0;
    while (loads-- > 0) static_cast<void>(word);
}

}  // namespace threadlab

using namespace threadlab;
