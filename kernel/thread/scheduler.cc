// The switch between threads, waking, and where a thread goes that is woken: see scheduler.h for the
// rules. timer.cc has the timer and pre-emption, idle.cc what a hart does without threads.
// Reference: docs/thread.md.
#include "thread/scheduler.h"

namespace {

// Spelled out: GCC 12 builds an array of objects at run time if it has to repeat one initialiser.
constinit Scheduler schedulers[] = {{}, {}, {}, {}, {}, {}, {}, {}};
static_assert(array_size(schedulers) == kMaxHarts);

// How long a woken thread waits for its waker's hart before an idle hart is sent for it.
constexpr u64 kThiefDelay = 100 * kMicrosecond;

}  // namespace

constinit Atomic<u32> Scheduler::idle_harts_{0};

extern "C" void switch_context(Context* from, Context* to);  // switch.S

Scheduler& Scheduler::of(unsigned hart_index) { return schedulers[hart_index]; }

void Scheduler::add_locked(Thread& thread, Arrival arrival) {
    policy_->add(thread, arrival);
    waiting_.fetch_add(1);
}

void Scheduler::leave(Leaving how, Arrival arrival) NO_THREAD_SAFETY_ANALYSIS {
    push_interrupts_off();
    Scheduler& here = Scheduler::here();
    here.lock_.lock();
    // The lock keeps interrupts off from here on. The count must be the same for all threads that
    // switch on a hart, because it is the hart's, not the thread's.
    pop_interrupts_off();
    Thread& self = current_thread();
    // Before it comes into the queue: a policy may order by the time used.
    const u64 now = time_now();
    here.charge(self, now);
    if (how == Leaving::kFinished) self.state_.store(ThreadState::kFinished);
    if (how == Leaving::kRunnable && &self != here.idle_) here.add_locked(self, arrival);
    here.switch_to_next(how, now);
}

void Scheduler::switch_to_next(Leaving how, u64 now) {
    Thread& self = current_thread();
    Thread* chosen = policy_->take_next();
    if (chosen != nullptr) waiting_.fetch_sub(1);
    Thread& next = chosen != nullptr ? *chosen : *idle_;
    Hart& hart = this_hart();
    ASSERT(hart.interrupts_off == 1);
    begin_slice(next, now);
    if (&next == &self) return lock_.unlock();
    if (&self == idle_) idle_harts_.fetch_and(~(1u << index_));
    // This belongs to the thread: how its interrupts were before it took the lock.
    bool interrupts_were_on = hart.interrupts_were_on;
    if (self.user) self.user->switched_out();
    previous_ = &self;
    leaving_ = how;
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
    slice_end_ = &thread == idle_ ? kNever : now + policy_->slice(thread);
    if (&thread == idle_) return;
    set_timer_by(waiting_.load_relaxed() > 0 ? slice_end_ : now + kLongTick);
}

void Scheduler::charge(Thread& thread, u64 now) {
    u64 ran = now - exchange(charged_until_, now);
    thread.run_time_.fetch_add(ran);
    if (&thread == idle_) return;
    policy_->charge(thread, ran);
    Atomic<u64>& time = found_in_user_mode_ ? user_time_ : system_time_;
    time.store(time.load_relaxed() + ran);
}

void Scheduler::add(Thread& thread, Arrival arrival) {
    SpinGuard guard(lock_);
    add_locked(thread, arrival);
    if (this != &Scheduler::here()) return;  // an idle hart, which gets a message
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
    if (soon_waiting && idle_harts_.load() != 0) here.set_timer_by(time_now() + kThiefDelay);
    if (!soon_waiting) wake_a_thief();
}

// Takes a hart off the list of idle ones, so that only one waker sends it a message; `preferred` if
// it is among them, null where there is none.
Scheduler* Scheduler::claim_idle_hart(unsigned preferred) {
    while (u32 idle = idle_harts_.load()) {
        u32 bit = 1u << preferred;
        if ((idle & bit) == 0) bit = idle & -idle;
        if ((idle_harts_.fetch_and(~bit) & bit) != 0) return &of(log2_floor(bit));
    }
    return nullptr;
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
    for (ThreadState state = state_.load();;) {
        if (state != ThreadState::kParking && state != ThreadState::kParked) return;
        const bool was_parked = state == ThreadState::kParked;
        if (!state_.compare_exchange(state, ThreadState::kRunnable)) continue;
        // One that was parking still runs: its own park(), or finish_park(), sees the change.
        if (was_parked) Scheduler::place(*this, Arrival::kWoken);
        return;
    }
}

void park() {
    assert_may_sleep();
    if (current_thread().state() == ThreadState::kParking) {
        Scheduler::leave(Scheduler::Leaving::kParked);
    }
}

// BEGIN SOLUTION(thread.yield)
void yield() { Scheduler::leave(Scheduler::Leaving::kRunnable); }
// END SOLUTION
// STUB: void yield() { panic("thread.yield: yours to write"); }
