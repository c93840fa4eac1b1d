// The timer interrupt, timed waits and pre-emption: when a slice ends, when another hart sends a
// message, and at random places when tests ask for it. All of this runs with interrupts off.
#include "thread/scheduler.h"

constinit bool seeded_preemption = false;

TimedWait::TimedWait(u64 deadline) : thread_(current_thread()), deadline_(deadline) {
    if (deadline == kNever) return;
    InterruptsOff off;
    where_ = &Scheduler::here();
    where_->add_timed_wait(*this);
}

TimedWait::~TimedWait() {
    if (where_ != nullptr) where_->remove_timed_wait(*this);
}

// Walks the list: fine for the few hundred that sleep at a time; many thousands would want a heap.
void Scheduler::add_timed_wait(TimedWait& wait) {
    SpinGuard guard(timed_lock_);
    TimedWait** at = &timed_waits_;
    while (*at != nullptr && (*at)->deadline_ <= wait.deadline_) at = &(*at)->next_;
    wait.next_ = exchange(*at, &wait);
    set_timer_by(timed_waits_->deadline_);
}

// The lock also waits for an interrupt handler, on another hart perhaps, that is waking the thread.
void Scheduler::remove_timed_wait(TimedWait& wait) {
    SpinGuard guard(timed_lock_);
    TimedWait** at = &timed_waits_;
    while (*at != nullptr && *at != &wait) at = &(*at)->next_;
    if (*at != nullptr) *at = wait.next_;
}

// Wakes all whose deadline has come and returns the earliest of the others, or kNever.
u64 Scheduler::expire_timed_waits(u64 now) {
    SpinGuard guard(timed_lock_);
    while (timed_waits_ != nullptr && timed_waits_->deadline_ <= now) {
        TimedWait& first = *timed_waits_;
        timed_waits_ = first.next_;
        first.expired_.store(true);
        first.thread_.unpark();
    }
    return timed_waits_ == nullptr ? kNever : timed_waits_->deadline_;
}

// This hart's timer shall fire at `deadline` or before.
void Scheduler::set_timer_by(u64 deadline) {
    if (deadline < timer_) set_timer(timer_ = deadline);
}

void Scheduler::timer_interrupt() {
    u64 now = time_now();
    Thread& running = current_thread();
    bool from_user = (read_csr(sstatus) & SSTATUS_SPP) == 0;
    (from_user ? running.sampled_user_ : running.sampled_kernel_).fetch_add(now - charged_until_);
    if (!running_idle()) found_in_user_mode_ = from_user;
    {
        // Before others come into the queue, who are compared with it.
        SpinGuard guard(lock_);
        charge(running, now);
    }

    // Programming it, perhaps to kNever, also takes the pending interrupt back.
    timer_ = expire_timed_waits(now);
    if (!running_idle()) {
        const bool alone = waiting_.load_relaxed() == 0 && !steal();
        // The switch sets the timer for the next slice.
        if (!alone && now >= slice_end_) switch_wanted_ = slice_over_ = true;
        if (alone || now < slice_end_) timer_ = min(timer_, alone ? now + kLongTick : slice_end_);
        if (!alone) wake_a_thief();
    }
    set_timer(timer_);
}

void preempt_if_needed() {
    // If a lock is held, or someone turned interrupts off, then the next interrupt or the return to
    // user mode finds switch_wanted_ still set.
    Scheduler& here = Scheduler::here();
    if (!here.switch_wanted_ || this_hart().interrupts_off != 0) return;
    Scheduler::leave(Scheduler::Leaving::kRunnable,
                     here.slice_over_ ? Arrival::kSliceOver : Arrival::kPreempted);
}

void yield_at_random() {
    bool now = false;
    if (interrupts_enabled()) {
        InterruptsOff off;
        Hart& hart = this_hart();
        Scheduler& here = Scheduler::here();
        now = hart.interrupts_off == 1 && !hart.in_interrupt && !here.running_idle() &&
              here.random_below(4) == 0;
    }
    if (now) yield();
}

// Not after the locks that a switch itself takes, and those of frames, heap and log.
static void switch_after_release(LockRank rank) {
    if (rank < LockRank::kWaitQueue) schedule_point();
}

void seed_preemption(u64 seed) {
    for (unsigned i = 0; i < kMaxHarts; i++) Scheduler::of(i).seed(seed * kMaxHarts + i + 1);
    seeded_preemption = seed != 0;
    spinlock_released = seed != 0 ? switch_after_release : nullptr;
}
