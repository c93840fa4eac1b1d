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
// The running thread gives way to others until `over`, or for so long that it never will be.
void give_turns(const volatile bool& over);
// Called in each timer interrupt, after all else; null for no more.
void at_timer(void (*action)());
// Lets the timer interrupt the hart at random moments, from this seed, and take it from whoever runs;
// 0 for no more. Unlike seeded pre-emption this comes between any two instructions.
void preempt_at_random(u64 seed);

// Threads that each run work(index) and then park for ever: how a thread ends is a late exercise.
inline constexpr unsigned kMostPlayers = 16;
inline constexpr const char* kDone = "done";
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
    bool play() {
        give_turns(all_done_);
        return all_done_;
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
        Players& players = *member.players;
        players.work_(member.index);
        players.done_ = players.done_ + 1;
        players.all_done_ = players.done_ == players.count_;
        current_thread().set_name(kDone);  // the host lists only the others
        for (;;) {
            current_thread().announce_park();
            park();
        }
    }

    F work_;
    unsigned count_ = 0;
    volatile unsigned done_ = 0;
    volatile bool all_done_ = false;
    Member members_[kMostPlayers];
    Ref<Thread> threads_[kMostPlayers];
};

// For ever there, as threads that never end refer to them.
template <typename F> Players<F>& players_of(F work) {
    return *make<Players<F>>(work).value().release();
}

// Lets `game(seed)` be played undisturbed, then by turns with switches where locks are released
// and with the timer at random moments, from several seeds. Notes before each what the seed was: 0 for
// none. Ends with the first game that says that it did not come to its end.
template <typename F> void with_schedules(unsigned count, F game) {
    Random random(input());
    for (unsigned i = 0; i < count; i++) {
        const u64 seed = i == 0 ? 0 : 1 + random.below(1'000'000);
        note(seed);
        i % 2 == 1 ? seed_preemption(seed) : preempt_at_random(seed);
        const bool ended = game(random.next());
        i % 2 == 1 ? seed_preemption(0) : preempt_at_random(0);
        if (!ended) return;
    }
}

// Does something of no use to anybody for about that many loads.
inline void busy(u64 loads) {
    volatile u64 word = 0;
    while (loads-- > 0) static_cast<void>(word);
}

}  // namespace threadlab

using namespace threadlab;
