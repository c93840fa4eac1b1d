// Signals of one process: what is pending, blocked, handled, and how they are sent (signals.cc).
// Delivery happens on the way back to user mode (signal_delivery.cc). Reference: signal(7).
#pragma once
#include "abi/signal.h"
#include "base/owned.h"
#include "cpu/spinlock.h"

struct Process;
struct TrapFrame;

constexpr u64 signal_bit(int signal) { return u64{1} << (signal - 1); }

// SIGKILL and SIGSTOP can be neither blocked nor handled.
inline constexpr u64 kUnblockable = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
// What stops a process that has no handler for it; SIGCONT takes these back, and they SIGCONT.
inline constexpr u64 kStopSignals =
    signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU);

// Of these and higher ones several may be pending, each with what its sender said.
inline constexpr int kFirstRealTime = 32;
inline constexpr u32 kMostQueued = 32;  // _POSIX_SIGQUEUE_MAX

struct Signals : Immovable {
    mutable SpinLock lock{LockRank::kSignals, "signals"};
    u64 pending GUARDED_BY(lock) = 0;
    u64 blocked GUARDED_BY(lock) = 0;
    u64 awaited GUARDED_BY(lock) = 0;  // by rt_sigtimedwait: blocked, but they end the wait
    // What rt_sigsuspend or ppoll replaced; restored by the next delivery or return.
    u64 saved_blocked GUARDED_BY(lock) = 0;
    bool restore_blocked = false;  // changed by the process itself only
    // A stop signal has been taken; SIGCONT and SIGKILL end that, be it before the process stops.
    bool stopping GUARDED_BY(lock) = false;
    bool traced GUARDED_BY(lock) = false;         // every signal is shown to a tracer
    bool trace_stopped GUARDED_BY(lock) = false;  // until that or SIGKILL lets the process go on
    struct sigaction actions[NSIG] GUARDED_BY(lock) = {};
    siginfo_t infos[NSIG] GUARDED_BY(lock);  // of the pending ones
    // Real-time signals of numbers that were pending already, in the order they came.
    siginfo_t queued[kMostQueued] GUARDED_BY(lock);
    u32 queued_count GUARDED_BY(lock) = 0;
    stack_t alternate GUARDED_BY(lock) = {};

    Signals() { alternate.ss_flags = SS_DISABLE; }
    void copy_from(Signals& parent);  // fork: actions, mask and alternate stack; nothing pending
    void reset_handlers();            // they become defaults
    void reset_for_exec();            // the same, and there is no alternate stack
    bool kill_pending() const;        // SIGKILL is on its way

    u64 ready() const REQUIRES(lock) { return pending & (~blocked | awaited); }
    bool is_blocked(int signal) const REQUIRES(lock) { return (blocked & signal_bit(signal)) != 0; }
    // Whether sending it does nothing: it is ignored, and no tracer wants to see it.
    bool is_ignored(int signal) const REQUIRES(lock) { return !traced && ignores(signal); }
    bool ignores(int signal) const REQUIRES(lock);
    // For a signal whose number is pending already: it waits for its turn if it is a real-time signal
    // and there is room; else it adds nothing.
    void queue(const siginfo_t& info) REQUIRES(lock);
    // Takes a pending signal, of several the one that came first.
    siginfo_t take(int signal) REQUIRES(lock);
    // None of this number is pending any more.
    void drop(int signal) REQUIRES(lock);
    // Of the current process: sets the mask, and sees to it that what is ready now is delivered.
    void block(u64 mask) REQUIRES(lock);
};

// What a signal without more to say carries; `pid` is the sender's or the child's.
siginfo_t signal_info(int signal, int code, i32 pid = 0);

// Sends a signal to a process: makes it pending unless it is ignored, and ends an interruptible
// wait. SIGCONT and SIGKILL also wake a stopped process. May be called anywhere but with a lock of a
// higher rank than kSignals held; interrupt handlers included if they hold none.
void send_signal(Process& process, const siginfo_t& info);
inline void send_signal(Process& process, int signal) {
    send_signal(process, signal_info(signal, SI_KERNEL));
}
// To each process of a group. False where there is none. Takes tree_lock.
bool send_signal_to_group(i32 group, int signal);
// To the current process, at once and whatever it blocks: a fault that it caused.
void force_signal(int signal, int code, u64 address);

// Whether the current process has a signal to act on: waits end with EINTR.
bool signal_pending();
// Whether the current process ignores or blocks it: job control asks.
bool signal_ignored_or_blocked(int signal);

// Replaces the mask until the system call has returned and a handler, if any, has run: for
// rt_sigsuspend, ppoll, pselect6.
void set_temporary_mask(u64 mask);

bool on_alternate_stack(const stack_t& stack, u64 sp);

// Handles what is pending; called on the way back to user mode with interrupts on. May end or stop
// the process. `frame` is changed to run a handler.
void deliver_signals(TrapFrame& frame);
