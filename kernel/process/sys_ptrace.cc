// ptrace(2): what a tracer may do. Only looking on: neither registers nor memory of the process that is
// traced can be changed. Reference: ptrace(2); the stops are in trace.cc.
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"

namespace {

constexpr u32 kKnownOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                              PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT |
                              PTRACE_O_EXITKILL;

// Calls use(process) with tree_lock held. ESRCH: the process is not there, not traced by the caller, or
// not stopped.
template <typename F> Result<void> with_stopped(i32 pid, F use) NO_THREAD_SAFETY_ANALYSIS {
    Ref<Process> process = find_process(pid);
    if (!process) return Errno{ESRCH};
    SpinGuard guard(tree_lock);
    {
        SpinGuard signals_guard(process->signals.lock);
        bool stopped = process->signals.trace_stopped;
        if (process->tracer != &current_process() || !stopped) return Errno{ESRCH};
    }
    return use(*process);
}

// What a request looks at, held or copied while it is stopped: it may be killed at any time, and then
// its thread's stack goes, whoever holds the thread.
struct Tracee {
    TrapFrame frame{};
    Ref<AddressSpace> space;
    Trace trace;

    Result<void> take(i32 pid) {
        return with_stopped(pid, [&](Process& process) -> Result<void> {
            space = process.space;
            trace = process.trace;
            SpinGuard guard(process.signals.lock);
            frame = process.thread->user_frame();
            return {};
        });
    }
};

// EPERM: there is a tracer already, or this process cannot have one, or not this one.
Result<void> begin_locked(Process& process, Process* tracer) REQUIRES(tree_lock) {
    bool zombie = process.state == ProcessState::kZombie;
    if (tracer == nullptr || tracer == &process || process.tracer != nullptr || process.pid == 1 ||
        zombie) {
        return Errno{EPERM};
    }
    begin_trace_locked(process, *tracer);
    return {};
}

Result<void> attach(i32 pid) {
    Ref<Process> process = find_process(pid);
    if (!process) return Errno{ESRCH};
    {
        SpinGuard guard(tree_lock);
        TRY(begin_locked(*process, &current_process()));
    }
    send_signal(*process, SIGSTOP);
    return {};
}

// Under one lock: a parent that is let go may end, and be no process any more.
Result<void> trace_me() {
    SpinGuard guard(tree_lock);
    return begin_locked(current_process(), current_process().parent);
}

// Lets a stopped process go on: to the next system call too, or without its tracer.
Result<void> resume(i32 pid, i64 request, u64 signal) {
    return with_stopped(pid, [&](Process& process) NO_THREAD_SAFETY_ANALYSIS -> Result<void> {
        if (signal >= NSIG) return Errno{EIO};
        process.trace.resume_signal = static_cast<i32>(signal);
        process.trace.resume_to_call = request == PTRACE_SYSCALL;
        if (request == PTRACE_DETACH) end_trace_locked(process);
        SpinGuard guard(process.signals.lock);
        process.signals.trace_stopped = false;
        process.continued.wake_all();
        return {};
    });
}

Result<void> set_options(i32 pid, u64 options) {
    return with_stopped(pid, [&](Process& process) -> Result<void> {
        if ((options & ~u64{kKnownOptions}) != 0) return Errno{EINVAL};
        process.trace.options = static_cast<u32>(options);
        return {};
    });
}

// Returns how much there is to tell; as much of it is written as the caller has room for.
Result<i64> tell_call(const Tracee& tracee, u64 room, UserAddress to) {
    const TrapFrame& frame = tracee.frame;
    struct ptrace_syscall_info info = {};
    info.op = tracee.trace.call_stop;
    info.arch = AUDIT_ARCH_RISCV64;
    info.instruction_pointer = frame.sepc;
    info.stack_pointer = frame.sp;
    usize size = offsetof(struct ptrace_syscall_info, entry);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        info.entry.nr = frame.a7;
        memcpy(info.entry.args, &frame.a0, sizeof info.entry.args);
        size = sizeof info;
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        info.exit.rval = static_cast<i64>(frame.a0);
        info.exit.is_error = frame.a0 >= static_cast<u64>(-4095);
        size = offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
    }
    TRY(UserSpan(to, sizeof info).copy_out(0, &info, min(size, room)));
    return size;
}

Result<void> peek(const Tracee& tracee, u64 address, UserOut<u64> to) {
    u64 word = 0;
    bool there = tracee.space && tracee.space->copy_in(VirtAddr(address), &word, sizeof word).ok();
    if (!there) return Errno{EIO};
    return to.write(word);
}

}  // namespace

static Result<i64> sys_ptrace(i64 request, i32 pid, u64 address, u64 data) {
    Result<void> done;
    switch (request) {
    case PTRACE_TRACEME: done = trace_me(); break;
    case PTRACE_ATTACH: done = attach(pid); break;
    case PTRACE_CONT:
    case PTRACE_SYSCALL:
    case PTRACE_DETACH: done = resume(pid, request, data); break;
    case PTRACE_SETOPTIONS: done = set_options(pid, data); break;
    default: {
        Tracee tracee;
        TRY(tracee.take(pid));
        switch (request) {
        case PTRACE_PEEKTEXT:
        case PTRACE_PEEKDATA: done = peek(tracee, address, UserOut<u64>(UserAddress(data))); break;
        case PTRACE_GETEVENTMSG:
            done = UserOut<u64>(UserAddress(data)).write(tracee.trace.message);
            break;
        case PTRACE_GETSIGINFO:
            done = UserOut<siginfo_t>(UserAddress(data)).write(tracee.trace.info);
            break;
        case PTRACE_GET_SYSCALL_INFO: return tell_call(tracee, address, UserAddress(data));
        default: return Errno{EIO};
        }
    }
    }
    TRY(done);
    return 0;
}
SYSCALL(ptrace);
