// Wait queues, the threads that wait for one kind of event, such as "this pipe has bytes", and the
// one way to sleep: wait_until(queue, lock, predicate). It returns with the lock held and the
// predicate true; while it sleeps the lock is free. The predicate reads only what the lock guards.
// Whoever makes it true does so under that lock and then wakes the queue: then no wake-up is lost,
// because the waiter is in the queue before it lets the lock go. See docs/locks.md.
// `Lock` is SpinLock or Mutex, and the only spinlock held; the caller may sleep. Waking may be done
// anywhere, also in interrupt handlers and with spinlocks of a lower rank held.
#pragma once
#include "base/list.h"
#include "base/owned.h"
#include "cpu/spinlock.h"
#include "cpu/time.h"

class Thread;
class WaitQueue;
class WaitSet;

// One thread's place in one queue; lives on the waiting thread's stack.
class Waiter : Immovable {
  public:
    // Puts the running thread into the queue: from here on a wake-up is remembered. As one of the
    // many places of a set, a wake-up tells the whole set, and takes nothing from other waiters.
    explicit Waiter(WaitQueue& queue, WaitSet* set = nullptr);
    // Takes it out of the queue if no wake-up has.
    ~Waiter();

    // Sleeps until woken, whatever else happens.
    void sleep();
    // The same, but EINTR after Thread::interrupt() and ETIMEDOUT at `deadline` (as time_now()).
    Result<void> sleep_interruptible(u64 deadline);

    ListNode node;

  private:
    friend class WaitQueue;
    friend class WaitSet;

    WaitQueue& queue_;
    Thread& thread_;
    WaitSet* set_;
    Waiter* next_of_set_ = nullptr;
    Atomic<bool> woken_{false};
    // The waker is done with this object and its thread: the last thing that it writes here.
    Atomic<bool> released_{false};
};

class WaitQueue : Immovable {
  public:
    // Wakes the thread that has waited longest. Change what it waits for first, under the lock
    // that it gave to wait_until(); the lock may still be held or not.
    void wake_one() { wake(Who::kFirst); }
    void wake_all() { wake(Who::kAll); }
    // How many wait; a hint, as it may change at once.
    u32 waiting() const { return count_.load_relaxed(); }

  private:
    friend class Waiter;
    enum class Who : u8 { kFirst, kAll };
    void wake(Who who);
    bool wake_locked(Waiter& waiter) REQUIRES(lock_);

    SpinLock lock_{LockRank::kWaitQueue, "wait queue"};
    Atomic<u32> count_{0};  // changes under lock_; read without it to skip empty queues
    List<Waiter, &Waiter::node> waiters_ GUARDED_BY(lock_);
};

// wait_until_deadline() is the same, but gives up at `deadline` (as time_now() counts) with ETIMEDOUT,
// and with EINTR when the thread is interrupted; the lock is held again then too, and the predicate
// is false.
// BEGIN SOLUTION(thread.wait_until)
template <typename Lock, typename Predicate>
void wait_until(WaitQueue& queue, Lock& lock, Predicate predicate) NO_THREAD_SAFETY_ANALYSIS {
    while (!predicate()) {
        // First into the queue, then unlock: the waker needs the lock to make the predicate true,
        // so it comes either before our check or after we can be found.
        Waiter waiter(queue);
        lock.unlock();
        waiter.sleep();
        lock.lock();
    }
}

template <typename Lock, typename Predicate>
Result<void> wait_until_deadline(WaitQueue& queue, Lock& lock, u64 deadline,
                                 Predicate predicate) NO_THREAD_SAFETY_ANALYSIS {
    Result<void> outcome;
    while (!predicate()) {
        // An error counts only if the predicate is still false: else a wake-up meant for one
        // waiter would be swallowed by another that gives up.
        if (!outcome.ok()) return outcome;
        {
            Waiter waiter(queue);
            lock.unlock();
            outcome = waiter.sleep_interruptible(deadline);
        }
        lock.lock();
    }
    return {};
}
// END SOLUTION
// STUB: template <typename Lock, typename Predicate>
// STUB: void wait_until(WaitQueue&, Lock&, Predicate) {
// STUB:     panic("thread.wait_until: yours to write");
// STUB: }
// STUB: template <typename Lock, typename Predicate>
// STUB: Result<void> wait_until_deadline(WaitQueue&, Lock&, u64, Predicate) {
// STUB:     panic("thread.wait_until: yours to write");
// STUB: }

template <typename Lock, typename Predicate>
Result<void> wait_until_interruptible(WaitQueue& queue, Lock& lock, Predicate predicate) {
    return wait_until_deadline(queue, lock, kNever, predicate);
}

// Sleeps until time_now() reaches `deadline`; EINTR if interrupted before.
Result<void> sleep_until(u64 deadline);

// Waiting for several queues at once, for ppoll: add() all queues, then check what they stand for,
// then sleep(), and check again, without adding again, until there is something or sleep() fails.
// A wake-up after add() ends the next sleep() even if it comes before.
class WaitSet : Immovable {
  public:
    // Takes the thread out of all queues; the queues must still exist.
    ~WaitSet();

    // ENOMEM. The queue must outlive the set.
    Result<void> add(WaitQueue& queue);
    // Until a queue of the set is woken; EINTR or ETIMEDOUT as wait_until_deadline.
    Result<void> sleep(u64 deadline);

  private:
    friend class WaitQueue;

    Atomic<bool> woken_{false};
    Waiter* places_ = nullptr;
};
