// The one way to sleep: wait_until(queue, lock, predicate). It returns with the lock held and the
// predicate true; while it sleeps the lock is free. The predicate reads only what the lock guards.
// Whoever makes it true does so under that lock and then wakes the queue: then no wake-up is lost,
// because the waiter is in the queue before it lets the lock go. See docs/locks.md.
// `Lock` is SpinLock or Mutex, and the only spinlock held; the caller may sleep.
#pragma once
#include "base/owned.h"
#include "cpu/time.h"
#include "thread/thread.h"

template <typename Lock, typename Predicate>
void wait_until(WaitQueue& queue, Lock& lock, Predicate predicate) NO_THREAD_SAFETY_ANALYSIS {
    // BEGIN SOLUTION(thread.wait_until)
    while (!predicate()) {
        // First into the queue, then unlock: the waker needs the lock to make the predicate true,
        // so it comes either before our check or after we can be found.
        Waiter waiter(queue);
        lock.unlock();
        waiter.sleep();
        lock.lock();
    }
    // END SOLUTION
    // STUB: (void)queue, (void)lock, (void)predicate;
    // STUB: panic("thread.wait_until: yours to write");
}

// The same, but gives up at `deadline` (as time_now() counts) with ETIMEDOUT, and with EINTR when
// the thread is interrupted; the lock is held again then too, and the predicate is false.
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
    WaitSet() : thread_(current_thread()) {}
    // Takes the thread out of all queues; the queues must still exist.
    ~WaitSet();

    // ENOMEM. The queue must outlive the set.
    Result<void> add(WaitQueue& queue);
    // Until a queue of the set is woken; EINTR or ETIMEDOUT as wait_until_deadline.
    Result<void> sleep(u64 deadline);

  private:
    friend class WaitQueue;
    struct Place;

    Thread& thread_;
    Atomic<bool> woken_{false};
    Place* places_ = nullptr;
};
