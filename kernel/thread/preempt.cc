// The timer interrupt and pre-emption: when a slice ends, when another hart sends a message, and at
// random places when tests ask for it. All of this runs with interrupts off.
#include "base/random.h"
#include "thread/idle_harts.h"
#include "thread/run_queue.h"
#include "thread/scheduler.h"

constinit bool seeded_preemption = false;

namespace {

constinit Array<Random, kMaxHarts> random_of_hart{
    {Random(1), Random(1), Random(1), Random(1), Random(1), Random(1), Random(1), Random(1)}};

}  // namespace

void Scheduler::set_timer_by(u64 deadline) {
    if (deadline < timer_) {
        timer_ = deadline;
        set_timer(deadline);
    }
}

void Scheduler::timer_interrupt() {
    u64 now = time_now();
    u64 next_wait = timers.expire(now);
    Thread& running = current_thread();
    u64 since = now - charged_until_;
    bool from_user = (read_csr(sstatus) & SSTATUS_SPP) == 0;
    Atomic<u64>& sampled = from_user ? running.sampled_user_ : running.sampled_kernel_;
    sampled.store_relaxed(sampled.load_relaxed() + since);

    // Programming it, perhaps to kNever, also takes the pending interrupt back.
    timer_ = next_wait;
    if (!running_idle()) {
        {
            SpinGuard guard(lock_);
            charge(running, now);
        }
        if (waiting() == 0) steal();
        if (waiting() == 0) {
            timer_ = min(timer_, now + kLongTick);
        } else if (now < slice_end_) {
            timer_ = min(timer_, slice_end_);
        } else {
            switch_wanted_ = slice_over_ = true;  // the switch sets the timer for the next slice
        }
        if (waiting() > 0) wake_a_thief();
    }
    set_timer(timer_);
}

void Scheduler::preempt() {
    // A lock is held, or someone turned interrupts off: the next interrupt or the return to user
    // mode finds switch_wanted_ still set.
    if (!switch_wanted_ || this_hart().interrupts_off != 0) return;
    Arrival arrival = slice_over_ ? Arrival::kSliceOver : Arrival::kPreempted;
    Scheduler& here = lock_here();
    if (here.running_idle())
        here.leave_idle();
    else
        here.leave_runnable(arrival);
}

void preempt_if_needed() {
    Scheduler& here = Scheduler::here();
    if (here.switch_wanted()) here.preempt();
}

void yield_at_random() {
    bool now = false;
    if (interrupts_enabled()) {
        InterruptsOff off;
        Hart& hart = this_hart();
        now = hart.interrupts_off == 1 && !hart.in_interrupt && !Scheduler::here().running_idle() &&
              random_of_hart[hart.index].below(4) == 0;
    }
    if (now) yield();
}

// Not after the locks that a switch itself takes, and those of frames, heap and log.
static void switch_after_release(LockRank rank) {
    if (rank < LockRank::kWaitQueue) schedule_point();
}

void seed_preemption(u64 seed) {
    for (unsigned i = 0; i < kMaxHarts; i++) random_of_hart[i] = Random(seed * kMaxHarts + i + 1);
    seeded_preemption = seed != 0;
    spinlock_released = seed != 0 ? switch_after_release : nullptr;
}
