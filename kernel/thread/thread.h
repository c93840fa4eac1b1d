// Kernel threads: flows of control in the kernel, each with a stack of its own, that the scheduler
// spreads over the harts. A thread is counted: its creator holds one reference, and it holds one on
// itself from start() until its stack is gone. All of this may be called by any thread that holds
// no spinlock, interrupt() and unpark() also by interrupt handlers.
// Reference: docs/thread.md; the RISC-V calling convention for what a switch must keep.
#pragma once
#include "base/string.h"
#include "cpu/trap.h"
#include "thread/wait.h"

class Mutex;
[[noreturn]] void thread_first_run();  // where a new thread's first switch returns to

// What a switch saves: the registers that a function call keeps. Known to switch.S.
struct Context {
    u64 ra = 0, sp = 0;
    u64 s[12] = {};
};

// The part of a thread that floor process adds. A switch calls these with interrupts off and the
// hart's run queue locked: they may take only locks of a higher rank than kRunQueue.
class UserSide {
  public:
    virtual ~UserSide() = default;
    // The thread is about to run on `hart`: load its address space and floating-point registers.
    virtual void switched_in(Hart& hart) = 0;
    // It has run on this hart and stops: save what the hart holds of it.
    virtual void switched_out() = 0;
};

enum class ThreadState : u32 {
    kNew,       // created, not started
    kRunnable,  // running, or in a run queue
    kParking,   // running, and about to wait for unpark()
    kParked,    // waiting for unpark(); its registers are in context_
    kFinished,  // will not run again
};

// What scheduling policies note about a thread; guarded by the run queue's lock.
struct PolicyFields {
    u32 weight = 1024;   // its share, relative to others (1024 is normal)
    u32 level = 0;       // multi-level queues: 0 is the most urgent
    u64 pass = 0;        // stride, or virtual time
    u64 slice_used = 0;  // nanoseconds of the present slice
};

class Thread final : public RefCounted {
  public:
    static constexpr usize kNameSize = 24;

    // A thread that will run entry(argument) once started and end when that returns. ENOMEM.
    static Result<Ref<Thread>> create(const char* name, void (*entry)(void*), void* argument);
    // Makes it runnable; once.
    void start();
    // Waits until it has finished and its stack is given back. Not for oneself.
    void join();

    // Ends its interruptible wait, now or when it next begins one, with EINTR. For signals.
    void interrupt();
    bool interrupted() const { return interrupted_.load_relaxed(); }
    void clear_interrupt() { interrupted_.store(false); }

    u32 id() const { return id_; }
    const char* name() const { return name_; }
    void set_name(const char* name) { copy_string(name_, name, sizeof name_); }
    ThreadState state() const { return state_.load_relaxed(); }
    // Where a trap from user mode saves registers: the top of every kernel stack is kept for it.
    TrapFrame& user_frame() const {
        return *reinterpret_cast<TrapFrame*>(stack_top_ - sizeof(TrapFrame));
    }
    u64 stack_top() const { return stack_top_; }
    // Nanoseconds on any hart, exactly, and the part of them in user mode, judged by timer ticks.
    u64 run_time() const;
    u64 user_time() const;

    // The first half of sleeping: from here on an unpark() is not lost. Then check whether there
    // is still reason to wait, and park() or cancel_park(). See wait.h for the usual way.
    void announce_park();
    void cancel_park() { state_.store(ThreadState::kRunnable); }
    // Makes it runnable if it is parked or about to be; else does nothing. Wake-ups do not add up,
    // so whoever calls this first sets what the thread will check.
    void unpark();

    // Null for threads that stay in the kernel. Set before start(), or by the thread itself; it is
    // destroyed by exit_thread() in the thread's own context, where it may sleep.
    Owned<UserSide> user;

    ListNode all_node;  // in the list of all threads, guarded by its lock
    // The scheduling policies' own (policy.h).
    ListNode run_node;  // in a run queue; guarded by its lock
    PolicyFields policy;
    Mutex* held_mutexes = nullptr;  // debug builds: the one taken last, and from it the others

  private:
    friend class Scheduler;
    friend void thread_first_run();
    template <typename T, typename... Args> friend Result<Ref<T>> make_ref(Args&&... args);

    explicit Thread(const char* name);  // without a stack
    ~Thread() override;
    // Gives the stack of a finished thread back and tells the joiners; by whoever runs next.
    void bury();

    Context context_;
    Atomic<ThreadState> state_{ThreadState::kNew};
    Atomic<bool> interrupted_{false};
    u64 stack_top_ = 0;
    bool owns_stack_ = false;  // it came from map_kernel_stack() and is not given back yet
    unsigned last_hart_ = 0;   // where it ran last: the best place to wake it
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
    u32 id_ = 0;
    char name_[kNameSize] = {};
    // Nanoseconds in all, and those between two timer ticks by what the later tick interrupted.
    Atomic<u64> run_time_{0}, sampled_user_{0}, sampled_kernel_{0};

    SpinLock join_lock_{LockRank::kWait, "thread join"};
    WaitQueue joiners_;
    bool finished_ GUARDED_BY(join_lock_) = false;
};

// The thread that runs this code.
inline Thread& current_thread() {
    Thread* thread;
    // Not volatile: to the thread itself the answer never changes, whatever hart it is on.
    asm("ld %0, %1(tp)" : "=r"(thread) : "i"(__builtin_offsetof(Hart, current)));
    return *thread;
}

// Orders all accesses before it before all after it, as seen by other harts. Whoever writes one word
// and then reads another, while somebody else does it the other way round, needs it.
inline void full_fence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Gives the hart to the next runnable thread, if there is one; returns when it is our turn again.
void yield();
// Ends the running thread. Whoever waits in join() is told after its stack is gone.
[[noreturn]] void exit_thread();
// Sleeps after announce_park(): returns after an unpark(), at once if that has come already.
void park();

usize thread_count();
// Calls visit(thread, context) for each thread, with a spinlock held: it must not sleep.
void for_each_thread(void (*visit)(Thread& thread, void* context), void* context);
