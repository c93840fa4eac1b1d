// A thread's wish to be woken at a certain time. Each hart keeps those that were made on it, sorted
// by deadline, and its timer interrupt wakes the threads whose time has come.
#pragma once
#include "thread/thread.h"

class Scheduler;

// Lives on the waiting thread's stack. The thread announces its park and checks expired() before it
// parks, as with every wake-up.
class TimedWait : Immovable {
  public:
    // Asks this hart's timer; for kNever it does nothing.
    TimedWait(Thread& thread, u64 deadline);
    ~TimedWait();
    bool expired() const { return expired_.load(); }

    ListNode node;  // in its hart's list; guarded by that hart's timers lock

  private:
    friend class TimerList;

    Thread& thread_;
    const u64 deadline_;
    Scheduler* where_ = nullptr;
    Atomic<bool> expired_{false};
};

// The timed waits of one hart, earliest first. Adding walks the list: fine for the few hundred that
// sleep at a time; many thousands would want a heap.
class TimerList : Immovable {
  public:
    // Takes `wait` in and returns the earliest deadline.
    u64 add(TimedWait& wait);
    void remove(TimedWait& wait);
    // Wakes all whose deadline has come and returns the earliest of the others, or kNever.
    u64 expire(u64 now);

  private:
    SpinLock lock_{LockRank::kTimers, "timers"};
    List<TimedWait, &TimedWait::node> waits_ GUARDED_BY(lock_);
};
