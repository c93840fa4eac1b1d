// A wait queue: the threads that wait for one kind of event, such as "this pipe has bytes".
// The way to wait is wait_until() in wait.h; this header has what objects contain and wakers call.
// Waking may be done anywhere, also in interrupt handlers and with spinlocks of a lower rank held.
#pragma once
#include "base/list.h"
#include "base/result.h"
#include "cpu/spinlock.h"

class Thread;
class WaitQueue;
class WaitSet;

// One thread's place in one queue; lives on the waiting thread's stack.
class Waiter : Immovable {
  public:
    // Puts the running thread into the queue: from here on a wake-up is remembered.
    explicit Waiter(WaitQueue& queue);
    // As one of many places: a wake-up tells the whole set, and takes nothing from other waiters.
    Waiter(WaitQueue& queue, WaitSet& set);
    // Takes it out of the queue if no wake-up has.
    ~Waiter();

    // Sleeps until woken, whatever else happens.
    void sleep();
    // The same, but EINTR after Thread::interrupt() and ETIMEDOUT at `deadline` (as time_now()).
    Result<void> sleep_interruptible(u64 deadline);

    ListNode node;

  private:
    friend class WaitQueue;

    WaitQueue& queue_;
    Thread& thread_;
    WaitSet* set_ = nullptr;
    Atomic<bool> woken_{false};
    // The waker is done with this object and its thread: the last thing that it writes here.
    Atomic<bool> released_{false};
};

class WaitQueue : Immovable {
  public:
    using Grant = void (*)(Thread& thread, void* context);

    // Wakes the thread that has waited longest. Change what it waits for first, under the lock
    // that it gave to wait_until(); the lock may still be held or not.
    void wake_one() { wake_first(nullptr, nullptr); }
    // Wakes all.
    void wake_all();
    // Wakes the first thread after calling grant(thread, context) with the queue locked; false
    // where none waits. For locks that are handed over.
    bool wake_one_after(Grant grant, void* context) { return wake_first(grant, context); }
    // How many wait; a hint, as it may change at once.
    u32 waiting() const { return count_.load_relaxed(); }

  private:
    friend class Waiter;
    bool wake_first(Grant grant, void* context);
    bool wake_locked(Waiter& waiter, Grant grant, void* context) REQUIRES(lock_);

    SpinLock lock_{LockRank::kWaitQueue, "wait queue"};
    Atomic<u32> count_{0};  // changes under lock_; read without it to skip empty queues
    List<Waiter, &Waiter::node> waiters_ GUARDED_BY(lock_);
};
