// The scheduler of one hart, for the files of this folder: its run queue, its timer, and the switch
// from one thread to the next. scheduler.cc says how it works; docs/thread.md why.
//
// The lock of the hart's run queue is held across a switch: the thread that leaves takes it, the
// thread that comes releases it. So a thread that is in a run queue but whose registers are not yet
// saved cannot be taken by another hart.
#pragma once
#include "thread/policy.h"
#include "thread/thread.h"
#include "thread/timed_wait.h"

class Scheduler : Immovable {
  public:
    // This hart's. Meaningful with interrupts off.
    static Scheduler& here() { return of(this_hart().index); }
    static Scheduler& of(unsigned hart_index);
    // This hart's with its run queue locked, for one of the four below. clang does not follow locks
    // that change hands, hence no analysis.
    static Scheduler& lock_here() NO_THREAD_SAFETY_ANALYSIS;

    // How the running thread leaves its hart: back into the queue; to wait for unpark(); being the
    // idle thread, as there is work; for good. Each is called with the run queue locked, once (no
    // other lock, interrupts not turned off besides), and returns with it released.
    void leave_runnable(Arrival arrival) NO_THREAD_SAFETY_ANALYSIS;
    void leave_parked() NO_THREAD_SAFETY_ANALYSIS;
    void leave_idle() NO_THREAD_SAFETY_ANALYSIS;
    [[noreturn]] void leave_finished() NO_THREAD_SAFETY_ANALYSIS;

    // Called first thing by whoever has just been switched to, with the run queue locked by the
    // thread that left: settles that thread, and releases the lock.
    void finish_switch() NO_THREAD_SAFETY_ANALYSIS;

    // Puts a thread that may run into the queue of a hart that suits it, and tells that hart.
    static void place(Thread& thread, Arrival arrival);

    // From the trap hooks, interrupts off.
    void timer_interrupt();
    void message_arrived() { switch_wanted_ = true; }
    void preempt();
    bool switch_wanted() const { return switch_wanted_; }

    // This hart's timer shall fire at `deadline` or before. Interrupts off, on this hart.
    void set_timer_by(u64 deadline);

    // Boot: makes the hart's policy and idle thread; makes the flow that runs on this hart `thread`.
    Result<void> prepare(unsigned index) NO_THREAD_SAFETY_ANALYSIS;
    void adopt(Thread& thread, u64 stack_top);
    Result<void> adopt_boot_flow();
    Thread& idle_thread() { return *idle_; }
    [[noreturn]] void idle_loop();

    // Whether the hart has nothing to run. Reliable on the hart itself.
    bool running_idle() const { return hart(index_).current == idle_; }
    // How long the running thread has had this hart since it was last charged.
    u64 uncharged_time() const { return time_now() - charged_until_; }
    u32 waiting() const { return waiting_.load_relaxed(); }
    u64 switches() const { return switches_.load_relaxed(); }

    TimerList timers;

  private:
    enum class Leaving : u8 { kRunnable, kParked, kFinished };

    void add_locked(Thread& thread, Arrival arrival) REQUIRES(lock_);
    void add(Thread& thread, Arrival arrival);
    Thread& take_next_locked() REQUIRES(lock_);
    void switch_to_next(Leaving leaving) NO_THREAD_SAFETY_ANALYSIS;
    void finish_park(Thread& left) RELEASE(lock_);
    void begin_slice(Thread& thread, u64 now) REQUIRES(lock_);
    void charge(Thread& thread, u64 now) REQUIRES(lock_);
    bool steal();
    static Scheduler* claim_idle_hart(unsigned preferred);
    static void wake_a_thief();

    SpinLock lock_{LockRank::kRunQueue, "run queue"};
    SchedulingPolicy* policy_ GUARDED_BY(lock_) = nullptr;
    Atomic<u32> waiting_{0};  // threads in the policy's queue; changes under lock_

    // The hart's own, with interrupts off.
    unsigned index_ = 0;
    Thread* idle_ = nullptr;
    Thread* previous_ = nullptr;  // who left in the switch that is going on, and how
    Leaving leaving_ = Leaving::kRunnable;
    bool switch_wanted_ = false;
    bool slice_over_ = false;
    u64 charged_until_ = 0;  // the running thread has been charged up to this moment
    u64 slice_end_ = 0;
    u64 timer_ = kNever;  // what the hart's timer is set to
    Atomic<u64> switches_{0};
};

extern "C" {
void switch_context(Context* from, Context* to);
}
// Where a new thread's first switch returns to.
[[noreturn]] void thread_first_run();
