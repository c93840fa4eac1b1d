// How threads begin at boot, and what a hart does when it has none: it looks into the other harts'
// queues, and otherwise waits for an interrupt. Each hart has an idle thread for that, which is
// never in a queue.
#include "base/format.h"
#include "cpu/console.h"
#include "cpu/init.h"
#include "cpu/layout.h"
#include "cpu/machine.h"
#include "cpu/panic.h"
#include "mm/kernel_stack.h"
#include "thread/mutex.h"
#include "thread/scheduler.h"

// Takes one thread from another hart's queue into this one's. Interrupts off, no lock held: two run
// queues have the same rank, so it never holds both.
bool Scheduler::steal() {
    for (unsigned i = 1; i < hart_count(); i++) {
        Scheduler& victim = Scheduler::of((index_ + i) % hart_count());
        if (victim.waiting_.load_relaxed() == 0) continue;
        Thread* thread;
        {
            SpinGuard guard(victim.lock_);
            thread = victim.policy_->take_next();
            if (thread == nullptr) continue;
            victim.waiting_.fetch_sub(1);
        }
        SpinGuard guard(lock_);
        add_locked(*thread, Arrival::kMoved);
        return true;
    }
    return false;
}

void Scheduler::idle_loop() {
    for (;;) {
        disable_interrupts();
        // First tell the others that we are idle, then look: whoever adds work after the look
        // finds us on the list and sends a message, which ends the wait below even though
        // interrupts are off. Looking first would leave a gap to sleep in.
        idle_harts_.fetch_or(1u << index_);
        full_fence();
        if (waiting_.load_relaxed() > 0 || steal())
            leave(Leaving::kRunnable);
        else
            wait_for_interrupt();
        enable_interrupts();
    }
}

// Where the first switch to the boot hart's idle thread returns to.
[[noreturn]] static void idle_first_run() {
    this_hart().interrupts_were_on = false;
    Scheduler::here().finish_switch();
    Scheduler::here().idle_loop();
}

Result<void> Scheduler::prepare(unsigned index) {
    index_ = index;
    const bool shares = boot_option("policy") == "stride";
    policy_ = TRY(shares ? make_stride_policy() : make_round_robin_policy()).release();
    char name[Thread::kNameSize];
    format_into(name, sizeof name, "idle/%u", index);
    idle_ = TRY(make_ref<Thread>(name)).leak();
    idle_->stack_top_ = TRY(map_kernel_stack());
    idle_->context_.ra = reinterpret_cast<u64>(idle_first_run);
    idle_->context_.sp = idle_->stack_top_;
    return {};
}

void Scheduler::adopt(Thread& thread, u64 stack_top) {
    thread.stack_top_ = stack_top;
    thread.state_.store(ThreadState::kRunnable);
    thread.last_hart_ = index_;
    charged_until_ = time_now();
    hart(index_).user_frame_top = stack_top;
    hart(index_).current = &thread;
}

namespace {

u64 idle_stack_top(unsigned index) { return Scheduler::of(index).idle_thread().stack_top(); }

void run_secondary_hart() {
    Scheduler& here = Scheduler::here();
    here.adopt(here.idle_thread(), here.idle_thread().stack_top());
    here.idle_loop();
}

// For panics: what each hart was at, and which mutexes its thread holds (debug builds know them).
void report_thread(const Hart& hart) {
    if (hart.current == nullptr) return;
    const Thread& thread = *hart.current;
    kprintf("  hart %u runs thread %u, '%s'\n", hart.index, thread.id(), thread.name());
    for (Mutex* held = thread.held_mutexes; held != nullptr; held = held->next_held()) {
        kprintf("  thread '%s' holds '%s'\n", thread.name(), held->name());
    }
}

void set_hooks() {
    InterruptsOff off;
    report_hart = report_thread;
    trap_hooks.timer = [] { Scheduler::here().timer_interrupt(); };
    trap_hooks.message = [](u32) { Scheduler::here().message_arrived(); };
    trap_hooks.after_interrupt = preempt_if_needed;
    Scheduler::here().timer_interrupt();
}

void start_threads() {
    for (unsigned i = 0; i < hart_count(); i++) {
        if (!Scheduler::of(i).prepare(i).ok()) {
            panic("thread: no memory for the idle thread of hart %u", i);
        }
    }
    Result<Ref<Thread>> main = make_ref<Thread>("main");
    if (!main.ok()) panic("thread: no memory for the first thread");
    // The reference belongs to the thread itself, as from start().
    Scheduler::of(0).adopt(*main->leak(), reinterpret_cast<u64>(boot_stack) + kStackSize);
    set_hooks();
    if (boot_option("preempt") == "seeded") {
        u64 seed = 1;
        parse_number(boot_option("seed", "1"), seed);
        seed_preemption(seed);
    }
    start_other_harts(run_secondary_hart, idle_stack_top);
}

INIT(Stage::kThreads, start_threads);
// Before programs start the boot flow takes a turn: a kernel that cannot even do that stops here.
INIT(Stage::kUser, yield);

}  // namespace
