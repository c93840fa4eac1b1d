// How processes end: exit_process() turns one into a zombie, and its parent's wait4 lets the zombie
// go. A process whose parent ends first gets process 1 as its parent.
#include "abi/wait.h"
#include "cpu/console.h"
#include "cpu/power.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"

namespace {

// Process 1 never ends but with the machine.
[[noreturn]] void end_of_first_process(i32 wait_status) {
    process_hooks.before_power_off();
    if (WIFSIGNALED(wait_status)) {
        kprintf("goose: process 1 was killed by signal %d\n", WTERMSIG(wait_status));
    } else if (WEXITSTATUS(wait_status) != 0) {
        kprintf("goose: process 1 ended with status %d\n", WEXITSTATUS(wait_status));
    }
    power_off(wait_status == 0 ? kExitPowerOff : kExitInitFailed);
}

void tell_joining_threads(Process& process) {
    UserAddress address(process.clear_tid_address);
    if (address.value == 0 || !UserOut<i32>(address).write(0).ok()) return;
    wake_futex(*process.space, address, 1);
}

// Lets go of memory and files: before the parent can learn of the end, so that it finds them free.
void release_resources(Process& process) {
    process.files->close_all();
    leave_user_space_on_this_hart();
    Owned<ProcessExtension> extension;  // both are taken away under the lock, for who looks at them
    Ref<AddressSpace> space;
    bool borrowed;
    {
        SpinGuard guard(tree_lock);
        swap(extension, process.extension);
        swap(space, process.space);
        borrowed = give_space_back(process);
    }
    if (!borrowed) space->clear();
}

bool waits_for_zombies(Process& parent) {
    SpinGuard guard(parent.signals.lock);
    const struct sigaction& action = parent.signals.actions[SIGCHLD];
    return action.sa_handler != SIG_IGN && (action.sa_flags & SA_NOCLDWAIT) == 0;
}

bool hears_of_stops(Process& parent) {
    SpinGuard guard(parent.signals.lock);
    return (parent.signals.actions[SIGCHLD].sa_flags & SA_NOCLDSTOP) == 0;
}

// Member and parent part, be it that `leaving` ends. If thereby the member's group has nobody left who
// would continue it, and it has stopped, it is told, and goes on: POSIX, _exit(), "Consequences".
void part(Process& member, Process& parent, const Process* leaving) REQUIRES(tree_lock) {
    i32 group = member.group;
    if (parent.group == group || parent.session != member.session) return;
    if (!is_orphaned_locked(group, leaving)) return;
    bool stopped = false;
    for (Process& process : all_processes) {
        stopped |= process.group == group && process.state == ProcessState::kStopped;
    }
    for (Process& process : all_processes) {
        if (!stopped || process.group != group) continue;
        send_signal(process, SIGHUP);
        send_signal(process, SIGCONT);
    }
}

void give_children_away(Process& process) REQUIRES(tree_lock) {
    end_all_traces_locked(process);
    Process& init = *process_one();
    part(process, *process.parent, &process);
    bool zombies = false;
    while (Process* child = process.children.pop_front()) {
        child->parent = &init;
        init.children.push_back(*child);
        part(*child, process, nullptr);
        zombies = zombies || child->state == ProcessState::kZombie;
    }
    if (zombies) init.child_changed.wake_all();
}

}  // namespace

void notify_parent(Process& process, int code, i32 status) {
    bool ends = code == CLD_EXITED || code == CLD_KILLED;
    bool to_tracer = process.tracer != nullptr && (ends || code == CLD_TRAPPED);
    Process* listener = to_tracer ? process.tracer : process.parent;
    if (listener == nullptr) return;
    siginfo_t info = signal_info(SIGCHLD, code, process.pid);
    info.si_status = status;
    if (ends || hears_of_stops(*listener)) send_signal(*listener, info);
    listener->child_changed.wake_all();
}

// BEGIN SOLUTION(user.exit)
void exit_process(i32 wait_status) {
    Process& process = current_process();
    if (process.pid == 1) end_of_first_process(wait_status);
    tell_joining_threads(process);
    release_resources(process);
    Ref<Thread> thread;
    Ref<Process> unwanted;
    {
        SpinGuard guard(tree_lock);
        give_children_away(process);
        {
            SpinGuard signals_guard(process.signals.lock);
            swap(thread, process.thread);
        }
        process.state = ProcessState::kZombie;
        process.wait_status = wait_status;
        process.user_time = thread->user_time();
        process.system_time = thread->run_time() - process.user_time;
        bool waited_for = waits_for_zombies(*process.parent);
        bool killed = WIFSIGNALED(wait_status);
        notify_parent(process, killed ? CLD_KILLED : CLD_EXITED,
                      killed ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
        if (!waited_for) unwanted = forget_process_locked(process);
    }
    if (process.session == process.pid) process_hooks.session_ended(process.session);
    thread = nullptr;
    unwanted = nullptr;
    exit_thread();
}
// END SOLUTION
// STUB: void exit_process(i32) {
// STUB:     static_cast<void>(end_of_first_process), static_cast<void>(tell_joining_threads);
// STUB:     static_cast<void>(release_resources), static_cast<void>(waits_for_zombies);
// STUB:     static_cast<void>(give_children_away);
// STUB:     panic("user.exit: yours to write");
// STUB: }

static Result<i64> sys_exit(int status) {
    i32 wait_status = W_EXITCODE(status & 0xff, 0);
    trace_event(PTRACE_EVENT_EXIT, static_cast<u64>(wait_status));
    exit_process(wait_status);
}
SYSCALL(exit);
SYSCALL_AS(exit_group, sys_exit);
