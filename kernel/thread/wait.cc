// Wait queues and sleeping: see wait.h.
//
// A sleeper announces its park, then looks whether it has been woken, then parks; a waker notes the
// wake-up, then unparks. Whichever comes first, the other sees it.
#include "thread/wait.h"

#include "thread/scheduler.h"

Waiter::Waiter(WaitQueue& queue, WaitSet* set)
    : queue_(queue), thread_(current_thread()), set_(set) {
    SpinGuard guard(queue.lock_);
    // Observers go to the front: wake() passes all of them before it comes to a real waiter.
    set == nullptr ? queue.waiters_.push_back(*this) : queue.waiters_.push_front(*this);
    queue.count_.fetch_add(1);
}

Waiter::~Waiter() {
    if (released_.load()) return;
    // Either nobody has woken us, or a waker on another hart is still at it: the lock waits for it.
    SpinGuard guard(queue_.lock_);
    if (!node.linked()) return;
    node.unlink();
    queue_.count_.fetch_sub(1);
}

void Waiter::sleep() {
    assert_may_sleep();
    for (;;) {
        thread_.announce_park();
        if (woken_.load()) return thread_.cancel_park();
        park();
    }
}

// Sleeps until `woken`, the deadline, or an interruption, whatever it notices first.
static Result<void> sleep_until_woken(const Atomic<bool>& woken, u64 deadline) {
    assert_may_sleep();
    Thread& self = current_thread();
    TimedWait timer(deadline);
    for (;;) {
        self.announce_park();
        const int error = woken.load()         ? 0
                          : self.interrupted() ? EINTR
                          : timer.expired()    ? ETIMEDOUT
                                               : EAGAIN;
        if (error != EAGAIN) {
            self.cancel_park();
            return Errno{error};
        }
        park();
    }
}

Result<void> Waiter::sleep_interruptible(u64 deadline) {
    return sleep_until_woken(woken_, deadline);
}

// BEGIN SOLUTION(thread.wake)
// Wakes one waiter, with the queue locked; true if it was a real one, not an observer. An observer
// stays in the queue until its set takes it out.
bool WaitQueue::wake_locked(Waiter& waiter) {
    if (waiter.set_ != nullptr) {
        waiter.set_->woken_.store(true);
        waiter.thread_.unpark();
        return false;
    }
    waiters_.remove(waiter);
    count_.fetch_sub(1);
    waiter.woken_.store(true);
    waiter.thread_.unpark();
    // From here on the sleeper may return, and its Waiter and even the thread may be gone.
    waiter.released_.store(true);
    return true;
}

void WaitQueue::wake(Who who) {
    // What the caller has changed before our look at the queue: waiters do it in the other order.
    full_fence();
    if (waiting() == 0) return;
    SpinGuard guard(lock_);
    for (Waiter& waiter : waiters_) {
        if (wake_locked(waiter) && who == Who::kFirst) return;
    }
}
// END SOLUTION
// STUB: void WaitQueue::wake(Who) { panic("thread.wake: yours to write"); }

Result<void> sleep_until(u64 deadline) {
    const Atomic<bool> never{false};
    Result<void> outcome = sleep_until_woken(never, deadline);
    return outcome.error() == Errno{ETIMEDOUT} ? Result<void>() : outcome;
}

WaitSet::~WaitSet() {
    while (places_ != nullptr) delete exchange(places_, places_->next_of_set_);
}

Result<void> WaitSet::add(WaitQueue& queue) {
    Waiter* place = TRY(make<Waiter>(queue, this)).release();
    place->next_of_set_ = exchange(places_, place);
    full_fence();  // into the queue before the caller's look at what it stands for
    return {};
}

Result<void> WaitSet::sleep(u64 deadline) {
    Result<void> outcome = sleep_until_woken(woken_, deadline);
    // What comes from now on ends the next sleep; the caller checks everything before that, and
    // must not look before this is seen: else a wake-up in between is wiped out with the old one.
    woken_.store(false);
    full_fence();
    return outcome;
}
