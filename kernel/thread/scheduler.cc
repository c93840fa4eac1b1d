// Run queues and the switch between threads: see run_queue.h for the rules, scheduler.h for what
// others call. This file has the three ways to leave a hart, waking, and the switch itself;
// preempt.cc has the timer and pre-emption, idle.cc what a hart does without threads.
// Reference: docs/thread.md.
#include "thread/scheduler.h"

#include "thread/idle_harts.h"
#include "thread/run_queue.h"

namespace {

// Spelled out: GCC 12 builds an array of lists at run time if it has to repeat one initialiser.
constinit Scheduler schedulers[] = {{}, {}, {}, {}, {}, {}, {}, {}};
static_assert(array_size(schedulers) == kMaxHarts);

}  // namespace

Scheduler& Scheduler::of(unsigned hart_index) { return schedulers[hart_index]; }

Scheduler& Scheduler::lock_here() {
    push_interrupts_off();
    Scheduler& here = Scheduler::here();
    here.lock_.lock();
    // The lock keeps interrupts off from here on. The count must be the same for all threads that
    // switch on a hart, because it is the hart's, not the thread's.
    pop_interrupts_off();
    return here;
}

void Scheduler::add_locked(Thread& thread, Arrival arrival) {
    policy_->add(thread, arrival);
    waiting_.store_relaxed(waiting_.load_relaxed() + 1);
}

// The next thread of the policy's choice, or the idle thread.
Thread& Scheduler::take_next_locked() {
    Thread* next = policy_->take_next();
    if (next == nullptr) return *idle_;
    waiting_.store_relaxed(waiting_.load_relaxed() - 1);
    return *next;
}

void Scheduler::leave_runnable(Arrival arrival) {
    add_locked(current_thread(), arrival);
    switch_to_next(Leaving::kRunnable);
}

void Scheduler::leave_parked() { switch_to_next(Leaving::kParked); }

void Scheduler::leave_idle() { switch_to_next(Leaving::kRunnable); }

void Scheduler::leave_finished() {
    current_thread().state_.store(ThreadState::kFinished);
    switch_to_next(Leaving::kFinished);
    panic("thread '%s' runs after its end", current_thread().name());
}

void Scheduler::switch_to_next(Leaving leaving) {
    Thread& self = current_thread();
    Thread& next = take_next_locked();
    Hart& hart = this_hart();
    ASSERT(hart.interrupts_off == 1);
    u64 now = time_now();
    charge(self, now);
    begin_slice(next, now);
    if (&next == &self) {
        lock_.unlock();
        return;
    }
    if (&self == idle_) idle_harts.remove(index_);
    // This belongs to the thread: how its interrupts were before it took the lock.
    bool interrupts_were_on = hart.interrupts_were_on;
    if (self.user) self.user->switched_out();
    previous_ = &self;
    leaving_ = leaving;
    switches_.store_relaxed(switches_.load_relaxed() + 1);
    hart.current = &next;
    hart.user_frame_top = next.stack_top_;
    next.last_hart_ = index_;
    if (next.user) next.user->switched_in(hart);
    switch_context(&self.context_, &next.context_);
    // Here `self` runs again, perhaps on another hart: neither `this` nor `hart` is meant any more.
    this_hart().interrupts_were_on = interrupts_were_on;
    Scheduler::here().finish_switch();
}

void Scheduler::finish_switch() {
    Thread& left = *previous_;
    switch (leaving_) {
    case Leaving::kRunnable: return lock_.unlock();
    case Leaving::kParked: return finish_park(left);
    case Leaving::kFinished: {
        // In one go: if the idle thread does this, it might not get the hart again for long.
        InterruptsOff off;
        lock_.unlock();
        left.bury();
    }
    }
}

// Only now, with its registers saved, may others make the thread run. If an unpark() came meanwhile,
// it found a thread that was still running, and left the rest to us.
void Scheduler::finish_park(Thread& left) {
    ThreadState expected = ThreadState::kParking;
    if (left.state_.compare_exchange(expected, ThreadState::kParked)) return lock_.unlock();
    add_locked(left, Arrival::kWoken);
    set_timer_by(slice_end_);
    switch_wanted_ |= running_idle();
    lock_.unlock();
    full_fence();
    wake_a_thief();
}

// The thread has the hart from `now` on.
void Scheduler::begin_slice(Thread& thread, u64 now) {
    switch_wanted_ = slice_over_ = false;
    if (&thread == idle_) {
        slice_end_ = kNever;
        return;
    }
    slice_end_ = now + policy_->slice(thread);
    set_timer_by(waiting() > 0 ? slice_end_ : now + kLongTick);
}

void Scheduler::charge(Thread& thread, u64 now) {
    u64 ran = now - charged_until_;
    charged_until_ = now;
    thread.run_time_.store_relaxed(thread.run_time_.load_relaxed() + ran);
    if (&thread != idle_) policy_->charge(thread, ran);
}

void Scheduler::add(Thread& thread, Arrival arrival) {
    SpinGuard guard(lock_);
    add_locked(thread, arrival);
    if (this != &Scheduler::here()) {
        return;  // an idle hart, which gets a message
    }
    if (running_idle() || policy_->preempts(thread, current_thread())) switch_wanted_ = true;
    // The running thread may have been alone so far, without end to its slice.
    set_timer_by(slice_end_);
}

// Where a thread goes that may run now. A hart that is idle itself, in an interrupt, needs no message
// to run it. A thread that wakes another mostly waits itself soon after (a pipe, a lock), and then
// to stay here is far cheaper than a message to a sleeping hart: those are told a little later, by
// the timer. Otherwise it goes where it ran last if that hart is idle, or to any idle hart.
void Scheduler::place(Thread& thread, Arrival arrival) {
    InterruptsOff off;
    Scheduler& here = Scheduler::here();
    if (here.running_idle()) return here.add(thread, arrival);
    bool soon_waiting = arrival == Arrival::kWoken && !this_hart().in_interrupt;
    Scheduler* target = soon_waiting ? nullptr : claim_idle_hart(thread.last_hart_);
    if (target != nullptr) {
        target->add(thread, arrival);
        send_message(target->index_, HartMessage::kReschedule);
        return;
    }
    here.add(thread, arrival);
    // A hart may have gone idle since we looked, before there was anything to take.
    full_fence();
    if (!idle_harts.empty()) {
        soon_waiting ? here.set_timer_by(time_now() + kThiefDelay) : wake_a_thief();
    }
}

// Takes a hart off the list of idle ones, so that only one waker sends it a message.
Scheduler* Scheduler::claim_idle_hart(unsigned preferred) {
    int index = idle_harts.claim(preferred);
    return index < 0 ? nullptr : &Scheduler::of(static_cast<unsigned>(index));
}

// Makes an idle hart, if there is one, come and take a thread from a queue.
void Scheduler::wake_a_thief() {
    if (Scheduler* thief = claim_idle_hart(0)) {
        send_message(thief->index_, HartMessage::kReschedule);
    }
}

void Thread::announce_park() {
    state_.store_relaxed(ThreadState::kParking);
    // The state before the reason to wait: unpark() has them in the other order.
    full_fence();
}

void Thread::unpark() {
    full_fence();
    ThreadState state = state_.load();
    for (;;) {
        if (state == ThreadState::kParking) {
            // Still running: its own park(), or finish_switch() after it, sees the change.
            if (state_.compare_exchange(state, ThreadState::kRunnable)) {
                return;
            }
        } else if (state == ThreadState::kParked) {
            if (state_.compare_exchange(state, ThreadState::kRunnable)) {
                Scheduler::place(*this, Arrival::kWoken);
                return;
            }
        } else {
            return;
        }
    }
}

void park() {
    assert_may_sleep();
    if (current_thread().state() == ThreadState::kParking) Scheduler::lock_here().leave_parked();
}

// BEGIN SOLUTION(thread.yield)
void yield() { Scheduler::lock_here().leave_runnable(Arrival::kYielded); }
// END SOLUTION
// STUB: void yield() { panic("thread.yield: yours to write"); }

u64 switch_count() {
    u64 count = 0;
    for (unsigned i = 0; i < hart_count(); i++) count += Scheduler::of(i).switches();
    return count;
}

u32 runnable_count() {
    u32 count = 0;
    for (unsigned i = 0; i < hart_count(); i++) count += Scheduler::of(i).waiting();
    return count;
}

u64 idle_time(unsigned hart_index) { return Scheduler::of(hart_index).idle_thread().run_time(); }
