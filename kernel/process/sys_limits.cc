// Resource limits: getrlimit(2), setrlimit(2), prlimit(2). Of the limits, the number of open files
// and the size of the stack have effect. Priorities: getpriority(2), setpriority(2); they count where
// the scheduling policy knows weights (policy=stride).
#include "process/process.h"
#include "process/syscall.h"

namespace {

Result<void> set_limit(Process& process, u32 resource, const struct rlimit& limit) {
    if (limit.rlim_cur > limit.rlim_max) return Errno{EINVAL};
    if (resource == RLIMIT_NOFILE) {
        if (limit.rlim_max > kMaxDescriptors) return Errno{EPERM};
        process.files->limit.store(static_cast<int>(limit.rlim_cur));
    }
    process.limits[resource] = limit;
    return {};
}

}  // namespace

static Result<void> sys_prlimit64(i32 pid, u32 resource, UserIn<struct rlimit> new_limit,
                                  UserOut<struct rlimit> old_limit) {
    Process& self = current_process();
    struct rlimit wanted = {};
    if (!new_limit.is_null()) wanted = TRY(new_limit.read());
    if (pid != 0 && pid != self.pid) return find_process(pid) ? Errno{EPERM} : Errno{ESRCH};
    if (resource >= RLIM_NLIMITS) return Errno{EINVAL};
    struct rlimit before = self.limits[resource];
    if (!new_limit.is_null()) TRY(set_limit(self, resource, wanted));
    return old_limit.write_unless_null(before);
}
SYSCALL(prlimit64);

static Result<void> sys_getrlimit(u32 resource, UserOut<struct rlimit> limit) {
    return sys_prlimit64(0, resource, UserIn<struct rlimit>(UserAddress(0)), limit);
}
SYSCALL(getrlimit);

static Result<void> sys_setrlimit(u32 resource, UserIn<struct rlimit> limit) {
    return sys_prlimit64(0, resource, limit, UserOut<struct rlimit>(UserAddress(0)));
}
SYSCALL(setrlimit);

namespace {

constexpr i32 kNicest = 19, kLeastNice = -20;

// Each step is a fifth less, or a quarter more, of the processor.
u32 weight_of(i32 nice) {
    u32 weight = 1024;
    for (; nice > 0; nice--) weight = weight * 4 / 5;
    for (; nice < 0; nice++) weight = weight * 5 / 4;
    return weight;
}

// Calls `visit` for the processes that are meant. EINVAL, ESRCH.
template <typename F> Result<void> for_each_named(u32 which, i32 who, F visit) {
    Process& self = current_process();
    bool found = false;
    SpinGuard guard(tree_lock);
    if (which > PRIO_USER) return Errno{EINVAL};
    for (Process& process : all_processes) {
        bool meant = which == PRIO_PROCESS ? process.pid == (who == 0 ? self.pid : who)
                     : which == PRIO_PGRP  ? process.group == (who == 0 ? self.group : who)
                                           : who == 0;
        if (!meant || process.state == ProcessState::kZombie) continue;
        visit(process);
        found = true;
    }
    return found ? Result<void>() : Errno{ESRCH};
}

}  // namespace

// The result is 20 - nice, so that it is never taken for an error: getpriority(2), "C library/kernel
// differences".
static Result<i64> sys_getpriority(u32 which, i32 who) {
    i32 least = kNicest;
    TRY(for_each_named(which, who, [&](Process& p) { least = min(least, p.nice.load()); }));
    return 20 - least;
}
SYSCALL(getpriority);

static Result<void> sys_setpriority(u32 which, i32 who, i32 nice) {
    nice = max(kLeastNice, min(kNicest, nice));
    return for_each_named(which, who, [&](Process& process) {
        process.nice.store(nice);
        SpinGuard guard(process.signals.lock);
        if (process.thread) process.thread->policy.weight = weight_of(nice);
    });
}
SYSCALL(setpriority);
