// Which thread runs where: one Scheduler per hart, with a run queue and a timer. Idle harts steal
// from busy ones and otherwise wait for an interrupt. A thread gives its hart up by yield(), by
// park(), or when its slice ends, in kernel mode too, but never with a spinlock held or interrupts
// off. The order within a queue is a SchedulingPolicy's (policy.h), which is an exercise.
//
// The lock of the hart's run queue is held across a switch: the thread that leaves takes it, the
// thread that comes releases it. So a thread that is in a run queue but whose registers are not yet
// saved cannot be taken by another hart. clang does not follow locks that change hands, hence no
// analysis there. docs/thread.md says why all this is as it is.
#pragma once
#include "base/random.h"
#include "thread/policy.h"

class TimedWait;

class Scheduler : Immovable {
  public:
    // How the running thread leaves its hart: back into the queue (the idle thread: as there is
    // work), to wait for unpark(), or for good.
    enum class Leaving : u8 { kRunnable, kParked, kFinished };

    // This hart's. Meaningful with interrupts off.
    static Scheduler& here() { return of(this_hart().index); }
    static Scheduler& of(unsigned hart_index);

    // Switches to the next thread; returns when it is this one's turn again. No lock is held.
    static void leave(Leaving how, Arrival arrival = Arrival::kYielded);
    // Called first thing by whoever has just been switched to, with the run queue locked by the
    // thread that left: settles that thread, and releases the lock.
    void finish_switch() NO_THREAD_SAFETY_ANALYSIS;
    // Puts a thread that may run into the queue of a hart that suits it, and tells that hart.
    static void place(Thread& thread, Arrival arrival);
    // Switches threads if the running one's slice is over or its hart was told so: at the end of
    // interrupts, and before the return to user mode. Interrupts are off.
    friend void preempt_if_needed();

    // From the trap hooks, interrupts off.
    void timer_interrupt();
    void message_arrived() { switch_wanted_ = true; }

    // Wakes the thread of `wait` at its deadline; until it is removed, on whatever hart.
    void add_timed_wait(TimedWait& wait);
    void remove_timed_wait(TimedWait& wait);

    // Boot: makes the hart's policy and idle thread; makes the flow that runs on this hart `thread`.
    Result<void> prepare(unsigned index) NO_THREAD_SAFETY_ANALYSIS;
    void adopt(Thread& thread, u64 stack_top);
    Thread& idle_thread() { return *idle_; }
    [[noreturn]] void idle_loop();

    // How long the hart has run threads other than its idle one, in the mode that the timer found it in
    // last. Up to the last charge; any hart may ask.
    u64 user_time() const { return user_time_.load_relaxed(); }
    u64 system_time() const { return system_time_.load_relaxed(); }
    // How long the running thread has had this hart since it was last charged.
    u64 uncharged_time() const { return time_now() - charged_until_; }

    // Tests: a number at random below `bound`, from the seed of seed_preemption().
    u64 random_below(u64 bound) { return random_.below(bound); }
    void seed(u64 seed) { random_ = Random(seed); }
    // Whether the hart has nothing to run. Reliable on the hart itself.
    bool running_idle() const { return hart(index_).current == idle_; }

  private:
    // While a thread is alone on its hart, how often the hart still looks around: for accounting,
    // and for threads that wait on other harts.
    static constexpr u64 kLongTick = 100 * kMillisecond;

    void add_locked(Thread& thread, Arrival arrival) REQUIRES(lock_);
    void add(Thread& thread, Arrival arrival);
    void switch_to_next(Leaving how, u64 now) NO_THREAD_SAFETY_ANALYSIS;
    void finish_park(Thread& left) RELEASE(lock_);
    void begin_slice(Thread& thread, u64 now) REQUIRES(lock_);
    void charge(Thread& thread, u64 now) REQUIRES(lock_);
    void set_timer_by(u64 deadline);
    u64 expire_timed_waits(u64 now);
    bool steal();
    static Scheduler* claim_idle_hart(unsigned preferred);
    static void wake_a_thief();

    // The harts that have nothing to run, as bits. A hart enters itself before it looks for work
    // the last time, so whoever adds work and then finds no idle hart can be sure that every hart
    // will look again.
    static Atomic<u32> idle_harts_;

    SpinLock lock_{LockRank::kRunQueue, "run queue"};
    SchedulingPolicy* policy_ GUARDED_BY(lock_) = nullptr;
    Atomic<u32> waiting_{0};  // threads in the policy's queue; changes under lock_

    SpinLock timed_lock_{LockRank::kTimers, "timed waits"};
    TimedWait* timed_waits_ GUARDED_BY(timed_lock_) = nullptr;  // the earliest first

    // The hart's own, with interrupts off.
    unsigned index_ = 0;
    Thread* idle_ = nullptr;
    Thread* previous_ = nullptr;  // who left in the switch that is going on, and how
    Leaving leaving_ = Leaving::kRunnable;
    bool switch_wanted_ = false;
    bool slice_over_ = false;
    u64 charged_until_ = 0;  // the running thread has been charged up to this moment
    u64 slice_end_ = 0;
    bool found_in_user_mode_ = false;
    Atomic<u64> user_time_{0}, system_time_{0};  // others read them
    u64 timer_ = kNever;  // what the hart's timer is set to
    Random random_{1};
};

void preempt_if_needed();

// A thread's wish to be woken at a certain time. Lives on the waiting thread's stack; the thread
// announces its park and checks expired() before it parks, as with every wake-up.
class TimedWait : Immovable {
  public:
    // Asks this hart's timer; for kNever it does nothing.
    explicit TimedWait(u64 deadline);
    ~TimedWait();
    bool expired() const { return expired_.load(); }

  private:
    friend class Scheduler;

    Thread& thread_;
    const u64 deadline_;
    Scheduler* where_ = nullptr;
    TimedWait* next_ = nullptr;
    Atomic<bool> expired_{false};
};

// A place where another thread might get the hart: yields at random under preempt=seeded, so that
// tests see many interleavings; else does nothing. Called wherever a lock is released.
extern bool seeded_preemption;
void yield_at_random();
inline void schedule_point() {
    if (seeded_preemption) [[unlikely]]
        yield_at_random();
}
// Turns that on with this seed, or off with seed 0.
void seed_preemption(u64 seed);
