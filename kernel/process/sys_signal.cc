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

siginfo_t info_from_self(int signal, int code) {
    siginfo_t info = {};
    info.si_signo = signal;
    info.si_code = code;
    info.si_pid = current_process().pid;
    return info;
}

// kill(2)'s pid: a process, my group (0), all (-1) or group -pid. Signal 0 only asks.
struct KillTarget {
    i32 pid;
    i32 own_group;
    siginfo_t info;
    bool found = false;
};

bool is_target(const Process& process, const KillTarget& target) REQUIRES(tree_lock) {
    if (target.pid > 0) return process.pid == target.pid;
    if (target.pid == -1) return process.pid != 1 && process.pid != target.info.si_pid;
    return process.group == (target.pid == 0 ? target.own_group : -target.pid);
}

void kill_if_target(Process& process, void* context) NO_THREAD_SAFETY_ANALYSIS {
    KillTarget& target = *static_cast<KillTarget*>(context);
    if (is_target(process, target)) {
        target.found = true;
        if (target.info.si_signo != 0 && process.state != ProcessState::kZombie) {
            send_signal(process, target.info);
        }
    }
}

Result<i64> signal_one(i32 pid, int signal, int code) {
    if (signal != 0) TRY(check_signal_number(signal));
    if (pid <= 0) return Errno{EINVAL};
    Ref<Process> process = find_process(pid);
    if (!process) return Errno{ESRCH};
    if (signal != 0) send_signal(*process, info_from_self(signal, code));
    return 0;
}

void change_mask(u64 mask) {
    Signals& signals = current_process().signals;
    SpinGuard guard(signals.lock);
    signals.blocked = mask & ~kUnblockable;
    if ((signals.pending & ~signals.blocked) != 0) current_thread().interrupt();
}

}  // namespace

// BEGIN SOLUTION(files.sigaction)
static Result<i64> sys_rt_sigaction(int signal, UserIn<struct sigaction> new_action,
                                    UserOut<struct sigaction> old_action, u64 set_size) {
    TRY(check_set_size(set_size));
    TRY(check_signal_number(signal));
    if (!new_action.is_null() && (signal_bit(signal) & kUnblockable) != 0) return Errno{EINVAL};
    struct sigaction wanted = {};
    if (!new_action.is_null()) {
        wanted = TRY(new_action.read());
        wanted.sa_mask &= ~kUnblockable;
    }
    Signals& signals = current_process().signals;
    struct sigaction before;
    {
        SpinGuard guard(signals.lock);
        before = signals.actions[signal];
        if (!new_action.is_null()) {
            signals.actions[signal] = wanted;
            if (wanted.sa_handler == SIG_IGN) signals.pending &= ~signal_bit(signal);
        }
    }
    if (!old_action.is_null()) TRY(old_action.write(before));
    return 0;
}
SYSCALL(rt_sigaction);
// END SOLUTION
// STUB: static Result<i64> sys_rt_sigaction(int, UserAddress, UserAddress, u64) {
// STUB:     panic("files.sigaction: yours to write");
// STUB: }
// STUB: SYSCALL(rt_sigaction);

static Result<i64> sys_rt_sigprocmask(int how, UserIn<u64> set, UserOut<u64> old_set,
                                      u64 set_size) {
    TRY(check_set_size(set_size));
    Signals& signals = current_process().signals;
    u64 before;
    {
        SpinGuard guard(signals.lock);
        before = signals.blocked;
    }
    if (!set.is_null()) {
        u64 given = TRY(set.read());
        switch (how) {
        case SIG_BLOCK: change_mask(before | given); break;
        case SIG_UNBLOCK: change_mask(before & ~given); break;
        case SIG_SETMASK: change_mask(given); break;
        default: return Errno{EINVAL};
        }
    }
    if (!old_set.is_null()) TRY(old_set.write(before));
    return 0;
}
SYSCALL(rt_sigprocmask);

static Result<i64> sys_rt_sigpending(UserOut<u64> set, u64 set_size) {
    TRY(check_set_size(set_size));
    Signals& signals = current_process().signals;
    u64 pending;
    {
        SpinGuard guard(signals.lock);
        pending = signals.pending & signals.blocked;
    }
    TRY(set.write(pending));
    return 0;
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

static Result<i64> sys_sigaltstack(UserIn<stack_t> new_stack, UserOut<stack_t> old_stack) {
    Signals& signals = current_process().signals;
    stack_t wanted = {};
    if (!new_stack.is_null()) {
        wanted = TRY(new_stack.read());
        bool disabled = (wanted.ss_flags & SS_DISABLE) != 0;
        if ((wanted.ss_flags & ~(SS_DISABLE | static_cast<i32>(SS_AUTODISARM))) != 0) {
            return Errno{EINVAL};
        }
        if (!disabled && wanted.ss_size < MINSIGSTKSZ) return Errno{ENOMEM};
    }
    stack_t before;
    u64 sp = current_user_frame().sp;
    {
        SpinGuard guard(signals.lock);
        before = signals.alternate;
        u64 start = reinterpret_cast<u64>(before.ss_sp);
        bool in_use =
            (before.ss_flags & SS_DISABLE) == 0 && sp > start && sp - start <= before.ss_size;
        before.ss_flags |= in_use ? SS_ONSTACK : 0;
        if (!new_stack.is_null()) {
            if (in_use) return Errno{EPERM};
            signals.alternate = wanted;
        }
    }
    if (!old_stack.is_null()) TRY(old_stack.write(before));
    return 0;
}
SYSCALL(sigaltstack);

// BEGIN SOLUTION(files.kill)
static Result<i64> sys_kill(i32 pid, int signal) {
    if (signal < 0 || signal >= NSIG) return Errno{EINVAL};
    KillTarget target{pid, current_process().group, info_from_self(signal, SI_USER)};
    for_each_process(kill_if_target, &target);
    return target.found ? Result<i64>(0) : Result<i64>(Errno{ESRCH});
}
SYSCALL(kill);
// END SOLUTION
// STUB: static Result<i64> sys_kill(i32, int) {
// STUB:     static_cast<void>(kill_if_target);
// STUB:     panic("files.kill: yours to write");
// STUB: }
// STUB: SYSCALL(kill);
// UNTIL: static Result<i64> sys_kill(i32 pid, int signal) {
// UNTIL:     static_cast<void>(kill_if_target);
// UNTIL:     return signal_one(pid, signal, SI_USER);
// UNTIL: }
// UNTIL: SYSCALL(kill);

static Result<i64> sys_tkill(i32 tid, int signal) { return signal_one(tid, signal, SI_TKILL); }
SYSCALL(tkill);

static Result<i64> sys_tgkill(i32 pid, i32 tid, int signal) {
    if (pid <= 0 || pid != tid) return pid <= 0 || tid <= 0 ? Errno{EINVAL} : Errno{ESRCH};
    return signal_one(tid, signal, SI_TKILL);
}
SYSCALL(tgkill);
