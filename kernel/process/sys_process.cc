// Who a process is: its number, parent, group, session and user; and small facts about it.
#include "abi/sched.h"
#include "abi/time.h"
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"
#include "thread/scheduler.h"

static Result<i64> sys_getpid() { return current_process().pid; }
SYSCALL(getpid);
SYSCALL_AS(gettid, sys_getpid);

static Result<i64> sys_getppid() {
    SpinGuard guard(tree_lock);
    Process* parent = current_process().parent;
    return parent == nullptr ? 0 : parent->pid;
}
SYSCALL(getppid);

// There is one user, root; setting any other is refused as root itself would not be.
static Result<i64> sys_getuid() { return 0; }
SYSCALL(getuid);
SYSCALL_AS(geteuid, sys_getuid);
SYSCALL_AS(getgid, sys_getuid);
SYSCALL_AS(getegid, sys_getuid);
SYSCALL_AS(setfsuid, sys_getuid);  // the one before, whatever is asked for
SYSCALL_AS(setfsgid, sys_getuid);

static Result<void> sys_getresuid(UserOut<u32> real, UserOut<u32> effective, UserOut<u32> saved) {
    TRY(real.write(0));
    TRY(effective.write(0));
    return saved.write(0);
}
SYSCALL(getresuid);
SYSCALL_AS(getresgid, sys_getresuid);

constexpr u32 kKeep = ~u32{0};  // as an identity to set

static Result<void> sys_setresuid(u32 real, u32 effective, u32 saved) {
    bool root = (real == 0 || real == kKeep) && (effective == 0 || effective == kKeep) &&
                (saved == 0 || saved == kKeep);
    return root ? Result<void>() : Errno{EPERM};
}
SYSCALL(setresuid);
SYSCALL_AS(setresgid, sys_setresuid);

static Result<void> sys_setreuid(u32 real, u32 effective) {
    return sys_setresuid(real, effective, kKeep);
}
SYSCALL(setreuid);
SYSCALL_AS(setregid, sys_setreuid);

static Result<void> sys_setuid(u32 id) {
    return id == kKeep ? Errno{EINVAL} : sys_setreuid(id, kKeep);
}
SYSCALL(setuid);
SYSCALL_AS(setgid, sys_setuid);

// Nobody is in more groups than the one.
static Result<i64> sys_getgroups(i32 room) {
    return room < 0 ? Result<i64>(Errno{EINVAL}) : Result<i64>(0);
}
SYSCALL(getgroups);

static Result<void> sys_setgroups(u32 count, UserIn<u32> groups) {
    constexpr u32 kMost = 65536;  // NGROUPS_MAX
    if (count > kMost) return Errno{EINVAL};
    for (u32 i = 0; i < count; i++) TRY(sys_setuid(TRY(groups.read(i))));
    return {};
}
SYSCALL(setgroups);

static Result<i64> sys_set_tid_address(u64 address) {
    current_process().clear_tid_address = address;
    return current_process().pid;
}
SYSCALL(set_tid_address);

static Result<i64> sys_umask(u32 mask) { return current_process().umask.exchange(mask & 0777); }
SYSCALL(umask);

static Result<i64> sys_sched_yield() {
    yield();
    return 0;
}
SYSCALL(sched_yield);

// BEGIN SOLUTION(files.process_groups)
// setpgid(2): a process, or a child of it that has not executed another program yet, joins a group
// of its session, or starts one.
static Result<i64> sys_setpgid(i32 pid, i32 group) {
    Process& self = current_process();
    if (pid == 0) pid = self.pid;
    if (group == 0) group = pid;
    if (group < 0) return Errno{EINVAL};
    SpinGuard guard(tree_lock);
    Process* target = pid == self.pid ? &self : nullptr;
    for (Process& child : self.children) {
        if (child.pid == pid) target = &child;
    }
    if (target == nullptr) return Errno{ESRCH};
    if (target->session != self.session) return Errno{EPERM};
    if (target != &self && target->has_executed) return Errno{EACCES};
    if (target->session == target->pid) return Errno{EPERM};
    if (group != target->pid && !group_exists_locked(group, target->session)) return Errno{EPERM};
    target->group = group;
    return 0;
}
SYSCALL(setpgid);
// END SOLUTION
// STUB: static Result<i64> sys_setpgid(i32, i32) { panic("files.process_groups: yours to write"); }
// STUB: SYSCALL(setpgid);

// The group or session of another process.
static Result<i64> look_up(i32 pid, i32 Process::*field) {
    if (pid == 0) return current_process().*field;
    Ref<Process> process = find_process(pid);
    return process ? Result<i64>((*process).*field) : Result<i64>(Errno{ESRCH});
}

static Result<i64> sys_getpgid(i32 pid) { return look_up(pid, &Process::group); }
SYSCALL(getpgid);

static Result<i64> sys_getsid(i32 pid) { return look_up(pid, &Process::session); }
SYSCALL(getsid);

static Result<i64> sys_setsid() {
    Process& self = current_process();
    SpinGuard guard(tree_lock);
    if (self.group == self.pid && self.pid != 1) return Errno{EPERM};
    self.session = self.group = self.pid;
    return self.pid;
}
SYSCALL(setsid);

static Result<i64> sys_times(UserOut<struct tms> times) {
    constexpr u64 kTick = kSecond / 100;
    Thread& thread = current_thread();
    Process& self = current_process();
    u64 user = thread.user_time();
    struct tms result = {};
    result.tms_utime = static_cast<i64>(user / kTick);
    result.tms_stime = static_cast<i64>((thread.run_time() - user) / kTick);
    {
        SpinGuard guard(tree_lock);
        result.tms_cutime = static_cast<i64>(self.children_user_time / kTick);
        result.tms_cstime = static_cast<i64>(self.children_system_time / kTick);
    }
    TRY(times.write_unless_null(result));
    return static_cast<i64>(time_now() / kTick);
}
SYSCALL(times);

static Result<void> sys_getrusage(int who, UserOut<struct rusage> usage) {
    struct rusage result = {};
    Process& self = current_process();
    Thread& thread = current_thread();
    if (who == RUSAGE_SELF || who == RUSAGE_THREAD) {
        u64 user = thread.user_time();
        result.ru_utime = to_timeval(user);
        result.ru_stime = to_timeval(thread.run_time() - user);
        result.ru_maxrss = static_cast<i64>(self.space->resident_pages() * (kPageSize / 1024));
        result.ru_minflt = static_cast<i64>(self.minor_faults.load());
    } else if (who == RUSAGE_CHILDREN) {
        SpinGuard guard(tree_lock);
        result.ru_utime = to_timeval(self.children_user_time);
        result.ru_stime = to_timeval(self.children_system_time);
    } else {
        return Errno{EINVAL};
    }
    return usage.write(result);
}
SYSCALL(getrusage);

static Result<void> sys_prctl(u32 option, UserAddress argument) {
    Process& self = current_process();
    switch (option) {
    case PR_SET_NAME: {
        char name[Process::kNameSize] = {};
        Result<usize> length = read_user_string(argument, Span<char>(name, sizeof name - 1));
        if (!length.ok() && length.error().number != ENAMETOOLONG) return length.error();
        memcpy(self.name, name, sizeof name);
        return {};
    }
    case PR_GET_NAME:
        return UserSpan(argument, sizeof self.name).copy_out(0, self.name, sizeof self.name);
    default: return Errno{EINVAL};
    }
}
SYSCALL(prctl);
