// Sending signals: what becomes pending, and who is woken. Delivery is in signal_delivery.cc.
#include "process/signals.h"

#include "process/process.h"

// The child's own lock is not needed: nobody else knows the child yet.
void Signals::copy_from(Signals& parent) NO_THREAD_SAFETY_ANALYSIS {
    SpinGuard guard(parent.lock);
    blocked = parent.blocked;
    memcpy(actions, parent.actions, sizeof actions);
    alternate = parent.alternate;
}

void Signals::reset_handlers() {
    SpinGuard guard(lock);
    for (struct sigaction& action : actions) {
        if (action.sa_handler != SIG_IGN) action = {};
    }
}

void Signals::reset_for_exec() {
    reset_handlers();
    SpinGuard guard(lock);
    alternate = {.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
}

bool Signals::kill_pending() const {
    SpinGuard guard(lock);
    return (pending & signal_bit(SIGKILL)) != 0;
}

bool Signals::ignores(int signal) const {
    constexpr u64 kByDefault =
        signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGURG) | signal_bit(SIGWINCH);
    auto handler = actions[signal].sa_handler;
    return handler == SIG_IGN || (handler == SIG_DFL && (kByDefault & signal_bit(signal)) != 0);
}

void Signals::queue(const siginfo_t& info) {
    if (info.si_signo < kFirstRealTime || queued_count == kMostQueued) return;
    queued[queued_count++] = info;
}

siginfo_t Signals::take(int signal) {
    siginfo_t taken = infos[signal];
    u32 next = 0;
    while (next < queued_count && queued[next].si_signo != signal) next++;
    if (next == queued_count) {
        pending &= ~signal_bit(signal);
    } else {
        infos[signal] = queued[next];
        memmove(&queued[next], &queued[next + 1], (--queued_count - next) * sizeof *queued);
    }
    return taken;
}

void Signals::drop(int signal) {
    while ((pending & signal_bit(signal)) != 0) (void) take(signal);
}

void Signals::block(u64 mask) {
    blocked = mask & ~kUnblockable;
    if (ready() != 0) current_thread().interrupt();
}

siginfo_t signal_info(int signal, int code, i32 pid) {
    siginfo_t info = {};
    info.si_signo = signal;
    info.si_code = code;
    info.si_pid = pid;
    return info;
}

// Continuing and stopping undo each other, whether or not the signal is ignored or blocked. The
// signals are locked; but clang does not see that `signals` and `process.signals` are one thing.
static void cancel_opposites(Process& process, int signal) NO_THREAD_SAFETY_ANALYSIS {
    Signals& signals = process.signals;
    if ((signal_bit(signal) & kStopSignals) != 0) signals.pending &= ~signal_bit(SIGCONT);
    if (signal == SIGCONT) signals.pending &= ~kStopSignals;
    if (signal == SIGKILL) signals.trace_stopped = false;
    if (signal == SIGCONT || signal == SIGKILL) {
        signals.stopping = false;
        process.continued.wake_all();
    }
}

// BEGIN SOLUTION(files.send_signal)
void send_signal(Process& process, const siginfo_t& info) {
    int signal = info.si_signo;
    Signals& signals = process.signals;
    SpinGuard guard(signals.lock);
    cancel_opposites(process, signal);
    if (signals.is_ignored(signal) && !signals.is_blocked(signal)) return;
    // Process 1 gets only what it has asked for.
    if (process.pid == 1 && signals.actions[signal].sa_handler == SIG_DFL) return;
    if ((signals.pending & signal_bit(signal)) != 0) return signals.queue(info);
    signals.infos[signal] = info;
    signals.pending |= signal_bit(signal);
    if (process.thread && signals.ready() != 0) process.thread->interrupt();
}
// END SOLUTION
// STUB: void send_signal(Process&, const siginfo_t&) {
// STUB:     static_cast<void>(cancel_opposites);
// STUB:     panic("files.send_signal: yours to write");
// STUB: }
// UNTIL: void send_signal(Process& process, const siginfo_t& info) {
// UNTIL:     static_cast<void>(cancel_opposites);
// UNTIL:     SpinGuard guard(process.signals.lock);
// UNTIL:     if (info.si_signo == SIGKILL && process.thread) {
// UNTIL:         process.signals.pending |= signal_bit(SIGKILL);
// UNTIL:         process.thread->interrupt();
// UNTIL:     }
// UNTIL: }

bool send_signal_to_group(i32 group, int signal) {
    bool found = false;
    SpinGuard guard(tree_lock);
    for (Process& process : all_processes) {
        if (process.group == group && process.state != ProcessState::kZombie) {
            found = true;
            send_signal(process, signal);
        }
    }
    return found;
}

// A fault cannot be postponed: blocking or ignoring it means the default action.
void force_signal(int signal, int code, u64 address) {
    Signals& signals = current_process().signals;
    SpinGuard guard(signals.lock);
    if (signals.is_blocked(signal) || signals.actions[signal].sa_handler == SIG_IGN) {
        signals.actions[signal].sa_handler = SIG_DFL;
        signals.blocked &= ~signal_bit(signal);
    }
    signals.pending |= signal_bit(signal);
    signals.infos[signal] = signal_info(signal, code);
    signals.infos[signal].si_addr = reinterpret_cast<void*>(address);
    current_thread().interrupt();
}

bool signal_pending() { return current_thread().interrupted(); }

bool signal_ignored_or_blocked(int signal) {
    Signals& signals = current_process().signals;
    SpinGuard guard(signals.lock);
    return signals.is_blocked(signal) || signals.ignores(signal);
}

void set_temporary_mask(u64 mask) {
    Signals& signals = current_process().signals;
    SpinGuard guard(signals.lock);
    if (!exchange(signals.restore_blocked, true)) signals.saved_blocked = signals.blocked;
    signals.block(mask);
}
