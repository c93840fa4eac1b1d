// Wait queues and sleeping: see wait_queue.h and wait.h.
//
// A sleeper announces its park, then looks whether it has been woken, then parks; a waker notes the
// wake-up, then unparks. Whichever comes first, the other sees it.
#include "thread/wait.h"

#include "thread/timed_wait.h"

Waiter::Waiter(WaitQueue& queue) : queue_(queue), thread_(current_thread()) {
    SpinGuard guard(queue.lock_);
    queue.waiters_.push_back(*this);
    queue.count_.store_relaxed(queue.count_.load_relaxed() + 1);
}

// Observers go to the front: wake_first() passes all of them before it comes to a real waiter.
Waiter::Waiter(WaitQueue& queue, WaitSet& set)
    : queue_(queue), thread_(current_thread()), set_(&set) {
    SpinGuard guard(queue.lock_);
    queue.waiters_.push_front(*this);
    queue.count_.store_relaxed(queue.count_.load_relaxed() + 1);
}

Waiter::~Waiter() {
    if (released_.load()) return;
    // Either nobody has woken us, or a waker on another hart is still at it: the lock waits for it.
    SpinGuard guard(queue_.lock_);
    if (node.linked()) {
        queue_.waiters_.remove(*this);
        queue_.count_.store_relaxed(queue_.count_.load_relaxed() - 1);
    }
}

void Waiter::sleep() {
    assert_may_sleep();
    for (;;) {
        thread_.announce_park();
        if (woken_.load()) return thread_.cancel_park();
        park();
    }
}

namespace {

// Sleeps until `woken`, the deadline, or an interruption, whatever it notices first.
Result<void> sleep_until_woken(Thread& self, const Atomic<bool>& woken, u64 deadline) {
    assert_may_sleep();
    TimedWait timer(self, deadline);
    for (;;) {
        self.announce_park();
        bool is_woken = woken.load();
        if (is_woken || self.interrupted() || timer.expired()) {
            self.cancel_park();
            return is_woken             ? Result<void>()
                   : self.interrupted() ? Result<void>(Errno{EINTR})
                                        : Result<void>(Errno{ETIMEDOUT});
        }
        park();
    }
}

}  // namespace

Result<void> Waiter::sleep_interruptible(u64 deadline) {
    return sleep_until_woken(thread_, woken_, deadline);
}

// BEGIN SOLUTION(thread.wake)
// Wakes one waiter, with the queue locked; true if it was a real one, not an observer. An observer
// stays in the queue until its set takes it out.
bool WaitQueue::wake_locked(Waiter& waiter, Grant grant, void* context) {
    if (waiter.set_ != nullptr) {
        waiter.set_->woken_.store(true);
        waiter.thread_.unpark();
        return false;
    }
    waiters_.remove(waiter);
    count_.store_relaxed(count_.load_relaxed() - 1);
    if (grant != nullptr) grant(waiter.thread_, context);
    waiter.woken_.store(true);
    waiter.thread_.unpark();
    // From here on the sleeper may return, and its Waiter and even the thread may be gone.
    waiter.released_.store(true);
    return true;
}

bool WaitQueue::wake_first(Grant grant, void* context) {
    // What the caller has changed before our look at the queue: waiters do it in the other order.
    full_fence();
    if (waiting() == 0) return false;
    SpinGuard guard(lock_);
    for (Waiter& waiter : waiters_) {
        if (wake_locked(waiter, grant, context)) return true;
    }
    return false;
}

void WaitQueue::wake_all() {
    full_fence();
    if (waiting() == 0) return;
    SpinGuard guard(lock_);
    for (Waiter& waiter : waiters_) wake_locked(waiter, nullptr, nullptr);
}
// END SOLUTION
// STUB: bool WaitQueue::wake_first(Grant, void*) { panic("thread.wake: yours to write"); }
// STUB: void WaitQueue::wake_all() { panic("thread.wake: yours to write"); }

Result<void> sleep_until(u64 deadline) {
    const Atomic<bool> never{false};
    Result<void> outcome = sleep_until_woken(current_thread(), never, deadline);
    return outcome.error() == Errno{ETIMEDOUT} ? Result<void>() : outcome;
}

struct WaitSet::Place {
    Place(WaitQueue& queue, WaitSet& set) : waiter(queue, set), next(set.places_) {}

    Waiter waiter;
    Place* next;
};

WaitSet::~WaitSet() {
    while (places_ != nullptr) {
        Place* first = places_;
        places_ = first->next;
        delete first;
    }
}

Result<void> WaitSet::add(WaitQueue& queue) {
    places_ = TRY(make<Place>(queue, *this)).release();
    full_fence();  // into the queue before the caller's look at what it stands for
    return {};
}

Result<void> WaitSet::sleep(u64 deadline) {
    Result<void> outcome = sleep_until_woken(thread_, woken_, deadline);
    // What comes from now on ends the next sleep; the caller checks everything before that, and
    // must not look before this is seen: else a wake-up in between is wiped out with the old one.
    woken_.store(false);
    full_fence();
    return outcome;
}
