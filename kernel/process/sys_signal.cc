// The system calls of signals: actions, masks, sending, waiting.
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"

namespace {

Result<void> check_signal_number(int signal) {
    return signal >= 1 && signal < NSIG ? Result<void>() : Result<void>(Errno{EINVAL});
}

Result<void> check_set_size(u64 size) {
    return size == sizeof(sigset_t) ? Result<void>() : Result<void>(Errno{EINVAL});
}

// BEGIN SOLUTION(files.kill)
// Whether kill(2)'s pid names the process: its own, any but the sender's (-1), the sender's group
// (0), or group -pid.
bool is_target(const Process& process, i32 pid, const Process& sender) REQUIRES(tree_lock) {
    if (pid > 0) return process.pid == pid;
    if (pid == -1) return process.pid != 1 && process.pid != sender.pid;
    return process.group == (pid == 0 ? sender.group : -pid);
}

// Signal 0 only asks whether there is somebody.
Result<i64> signal_matching(i32 pid, int signal, int code) {
    Process& sender = current_process();
    bool found = false;
    SpinGuard guard(tree_lock);
    for (Process& process : all_processes) {
        if (!is_target(process, pid, sender)) continue;
        found = true;
        if (signal != 0) send_signal(process, signal_info(signal, code, sender.pid));
    }
    return found ? Result<i64>(0) : Result<i64>(Errno{ESRCH});
}
// END SOLUTION
// STUB: Result<i64> signal_matching(i32, int, int) { panic("files.kill: yours to write"); }
// UNTIL: Result<i64> signal_matching(i32 pid, int signal, int code) {
// UNTIL:     Ref<Process> process = find_process(pid);
// UNTIL:     if (!process) return Errno{ESRCH};
// UNTIL:     if (signal != 0) send_signal(*process, signal_info(signal, code, current_process().pid));
// UNTIL:     return 0;
// UNTIL: }

}  // namespace

// BEGIN SOLUTION(files.sigaction)
static Result<i64> sys_rt_sigaction(int signal, UserIn<struct sigaction> new_action,
                                    UserOut<struct sigaction> old_action, u64 set_size) {
    TRY(check_set_size(set_size));
    struct sigaction wanted = {};
    if (!new_action.is_null()) {
        wanted = TRY(new_action.read());
        wanted.sa_mask &= ~kUnblockable;
    }
    TRY(check_signal_number(signal));
    if (!new_action.is_null() && (signal_bit(signal) & kUnblockable) != 0) return Errno{EINVAL};
    Signals& signals = current_process().signals;
    struct sigaction before;
    {
        SpinGuard guard(signals.lock);
        before = signals.actions[signal];
        if (!new_action.is_null()) {
            signals.actions[signal] = wanted;
            if (wanted.sa_handler == SIG_IGN) signals.drop(signal);
        }
    }
    TRY(old_action.write_unless_null(before));
    return 0;
}
SYSCALL(rt_sigaction);
// END SOLUTION
// STUB: static Result<i64> sys_rt_sigaction(int signal, UserIn<struct sigaction> new_action,
// STUB:                                     UserOut<struct sigaction> old_action, u64 set_size) {
// STUB:     (void) signal, (void) new_action, (void) old_action, (void) set_size;
// STUB:     panic("files.sigaction: yours to write");
// STUB: }
// STUB: SYSCALL(rt_sigaction);

static Result<void> sys_rt_sigprocmask(int how, UserIn<u64> set, UserOut<u64> old_set,
                                       u64 set_size) {
    TRY(check_set_size(set_size));
    u64 given = set.is_null() ? 0 : TRY(set.read());
    if (!set.is_null() && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK) {
        return Errno{EINVAL};
    }
    Signals& signals = current_process().signals;
    u64 before;
    {
        SpinGuard guard(signals.lock);
        before = signals.blocked;
        u64 after = how == SIG_BLOCK     ? before | given
                    : how == SIG_UNBLOCK ? before & ~given
                                         : given;
        if (!set.is_null()) signals.block(after);
    }
    return old_set.write_unless_null(before);
}
SYSCALL(rt_sigprocmask);

static Result<void> sys_rt_sigpending(UserOut<u64> set, u64 set_size) {
    if (set_size > sizeof(sigset_t)) return Errno{EINVAL};  // less is as much as there is room for
    Signals& signals = current_process().signals;
    u64 pending;
    {
        SpinGuard guard(signals.lock);
        pending = signals.pending & signals.blocked;
    }
    return UserSpan(set.address(), set_size).copy_out(0, &pending, set_size);
}
SYSCALL(rt_sigpending);

// Waits, with another mask, until a handler has run.
static Result<i64> sys_rt_sigsuspend(UserIn<u64> mask, u64 set_size) {
    TRY(check_set_size(set_size));
    u64 wanted = TRY(mask.read());
    set_temporary_mask(wanted);
    Result<void> slept;
    while (slept.ok()) slept = sleep_until(kNever);
    return slept.error();
}
SYSCALL(rt_sigsuspend);

// Takes a signal of the set before it is delivered: one that is pending, or the first that comes.
static Result<i64> sys_rt_sigtimedwait(UserIn<u64> set, UserOut<siginfo_t> info,
                                       UserIn<struct timespec> timeout, u64 set_size) {
    TRY(check_set_size(set_size));
    u64 wanted = TRY(set.read()) & ~kUnblockable;
    u64 deadline = timeout.is_null() ? kNever : deadline_after(TRY(read_time(timeout)));
    Signals& signals = current_process().signals;
    siginfo_t taken;
    for (Result<void> slept; true; slept = keep_deadline(deadline, sleep_until(deadline))) {
        SpinGuard guard(signals.lock);
        signals.awaited = 0;
        if (u64 found = signals.pending & wanted) {
            taken = signals.take(static_cast<int>(lowest_bit(found)) + 1);
            break;
        }
        if (!slept.ok()) return slept.error();
        if (time_now() >= deadline) return Errno{EAGAIN};
        signals.awaited = wanted;
    }
    TRY(info.write_unless_null(taken));
    return taken.si_signo;
}
SYSCALL(rt_sigtimedwait);

static Result<void> sys_sigaltstack(UserIn<stack_t> new_stack, UserOut<stack_t> old_stack) {
    Signals& signals = current_process().signals;
    stack_t wanted = {};
    if (!new_stack.is_null()) {
        wanted = TRY(new_stack.read());
        u32 flags = static_cast<u32>(wanted.ss_flags);
        if ((flags & ~(SS_DISABLE | SS_AUTODISARM)) != 0) return Errno{EINVAL};
        if ((flags & SS_DISABLE) == 0 && wanted.ss_size < MINSIGSTKSZ) return Errno{ENOMEM};
    }
    stack_t before;
    {
        SpinGuard guard(signals.lock);
        before = signals.alternate;
        bool in_use = on_alternate_stack(before, current_user_frame().sp);
        before.ss_flags |= in_use ? SS_ONSTACK : 0;
        if (!new_stack.is_null() && in_use) return Errno{EPERM};
        if (!new_stack.is_null()) signals.alternate = wanted;
    }
    return old_stack.write_unless_null(before);
}
SYSCALL(sigaltstack);

// Whether there is somebody comes before whether there is such a signal.
static Result<i64> send(i32 pid, int signal, int code) {
    if (pid == -0x7fff'ffff - 1) return Errno{ESRCH};  // no group has that number
    if (signal == 0 || check_signal_number(signal).ok()) return signal_matching(pid, signal, code);
    TRY(signal_matching(pid, 0, code));
    return Errno{EINVAL};
}

static Result<i64> sys_kill(i32 pid, int signal) { return send(pid, signal, SI_USER); }
SYSCALL(kill);

static Result<i64> sys_tkill(i32 tid, int signal) {
    return tid > 0 ? send(tid, signal, SI_TKILL) : Result<i64>(Errno{EINVAL});
}
SYSCALL(tkill);

static Result<i64> sys_tgkill(i32 pid, i32 tid, int signal) {
    if (pid > 0 && tid > 0 && pid != tid) return Errno{ESRCH};
    return sys_tkill(min(pid, tid), signal);
}
SYSCALL(tgkill);

// A signal with what the sender has to say. Nobody may say that another kind of call, or the kernel,
// has sent it, but to itself.
static Result<i64> sys_rt_sigqueueinfo(i32 pid, int signal, UserIn<siginfo_t> given) {
    siginfo_t info = TRY(given.read());
    info.si_signo = signal;
    bool pretends = info.si_code >= 0 || info.si_code == SI_TKILL;
    if (pretends && pid != current_process().pid) return Errno{EPERM};
    Ref<Process> process = find_process(pid);
    if (!process) return Errno{ESRCH};
    if (signal == 0) return 0;
    TRY(check_signal_number(signal));
    {
        SpinGuard guard(process->signals.lock);
        bool full = process->signals.queued_count == kMostQueued;
        if (signal >= kFirstRealTime && full) return Errno{EAGAIN};
    }
    send_signal(*process, info);
    return 0;
}
SYSCALL(rt_sigqueueinfo);
