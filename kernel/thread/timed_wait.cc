// Timed waits: see timed_wait.h.
#include "thread/timed_wait.h"

#include "cpu/time.h"
#include "thread/run_queue.h"

TimedWait::TimedWait(Thread& thread, u64 deadline) : thread_(thread), deadline_(deadline) {
    if (deadline == kNever) return;
    if (deadline <= time_now()) {
        expired_.store(true);
        return;
    }
    InterruptsOff off;
    where_ = &Scheduler::here();
    where_->set_timer_by(where_->timers.add(*this));
}

TimedWait::~TimedWait() {
    // The lock also waits for an interrupt handler, on another hart perhaps, that is waking us.
    if (where_ != nullptr) where_->timers.remove(*this);
}

u64 TimerList::add(TimedWait& wait) {
    SpinGuard guard(lock_);
    for (TimedWait& later : waits_) {
        if (later.deadline_ > wait.deadline_) {
            waits_.insert_before(later, wait);
            return waits_.front()->deadline_;
        }
    }
    waits_.push_back(wait);
    return waits_.front()->deadline_;
}

void TimerList::remove(TimedWait& wait) {
    SpinGuard guard(lock_);
    if (wait.node.linked()) waits_.remove(wait);
}

u64 TimerList::expire(u64 now) {
    SpinGuard guard(lock_);
    while (TimedWait* first = waits_.front()) {
        if (first->deadline_ > now) return first->deadline_;
        waits_.remove(*first);
        first->expired_.store(true);
        first->thread_.unpark();
    }
    return kNever;
}
