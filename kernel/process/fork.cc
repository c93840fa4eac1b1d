// fork(2) and vfork(2), in Linux's clothes: clone(2) and clone3(2) without threads.
#include "abi/sched.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"

namespace {

// So many that numbers for a process, its group and its session are always left.
constexpr usize kMaxProcesses = 8192;

constexpr u64 kThreadFlags = CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

void run_child(void*) { enter_user_mode(); }

// What a child takes over from its parent beside memory and files.
Result<void> inherit(Process& parent, Process& child) {
    if (parent.extension) child.extension = TRY(parent.extension->clone());
    child.signals.copy_from(parent.signals);
    child.umask.store(parent.umask.load());
    child.nice.store(parent.nice.load());
    memcpy(child.name, parent.name, sizeof child.name);
    memcpy(child.limits, parent.limits, sizeof child.limits);
    return {};
}

void copy_registers(Process& child, UserAddress stack) {
    UserThread& parent_thread = current_user_thread();
    TrapFrame& frame = current_user_frame();
    {
        InterruptsOff off;
        parent_thread.save_fp(frame);
    }
    static_cast<UserThread&>(*child.thread->user).fp_registers() = parent_thread.fp_registers();
    TrapFrame& child_frame = child.thread->user_frame();
    child_frame = frame;
    child_frame.a0 = 0;
    if (stack.value != 0) child_frame.sp = stack.value;
}

// A child that could not be finished: its thread, never started, refers to it, and it to the thread.
void abandon(Process& child) {
    Ref<Thread> thread;
    Ref<Process> in_tree;
    SpinGuard guard(tree_lock);
    in_tree = forget_process_locked(child);
    SpinGuard signals_guard(child.signals.lock);
    swap(thread, child.thread);
}

}  // namespace

Result<Ref<Process>> make_process(Process* parent, Ref<AddressSpace> space, Ref<FdTable> files,
                                  void (*entry)(void*), void* argument) {
    if (process_count() >= kMaxProcesses) return Errno{EAGAIN};
    Ref<Process> process = TRY(make_ref<Process>(move(space), move(files)));
    if (parent != nullptr) TRY(inherit(*parent, *process));
    Ref<Thread> thread = TRY(Thread::create("user", entry, argument));
    thread->user = TRY(make<UserThread>(process));
    thread->user_frame() = TrapFrame{};
    thread->user_frame().sstatus = SSTATUS_SPIE;
    process->thread = move(thread);
    SpinGuard guard(tree_lock);
    add_process_locked(*process, parent);
    return process;
}

bool give_space_back(Process& process) {
    if (!exchange(process.borrows_space, false)) return false;
    process.parent->child_changed.wake_all();
    return true;
}

namespace {

// What clone and clone3 are asked for. The addresses count only if their flags are set.
struct CloneRequest {
    u64 flags;
    UserAddress stack;  // 0: where the parent's is
    UserOut<i32> parent_tid, child_tid;
    u64 tls;
};

// Tells parent and child its number, where they want that.
Result<void> tell_number(const CloneRequest& request, Process& child) {
    i32 pid = child.pid;
    if ((request.flags & CLONE_PARENT_SETTID) != 0) TRY(request.parent_tid.write(pid));
    if ((request.flags & CLONE_CHILD_SETTID) == 0) return {};
    return child.space->copy_out(request.child_tid.address(), &pid, sizeof pid);
}

// vfork: the child has the memory until it executes a program or ends.
void wait_for_space(Process& child) {
    Process& parent = current_process();
    {
        SpinGuard guard(tree_lock);
        wait_until(parent.child_changed, tree_lock, [&] { return !child.borrows_space; });
    }
    // Where the child was so fast, on another hart, that this thread has not slept, no switch has
    // dropped what this hart had cached of the space before the child changed it.
    InterruptsOff off;
    parent.space->tlb.activate(parent.space->page_table());
}

Result<i64> clone_process(const CloneRequest& request) {
    constexpr u64 kLend = CLONE_VM | CLONE_VFORK;
    u64 flags = request.flags;
    bool lend = (flags & kLend) == kLend;
    if ((flags & kThreadFlags) != 0 || (!lend && (flags & CLONE_VM) != 0)) return Errno{ENOSYS};
    Process& parent = current_process();
    Ref<AddressSpace> space = lend ? parent.space : TRY(parent.space->fork());
    Ref<FdTable> files = TRY(parent.files->clone());
    Ref<Process> child = TRY(make_process(&parent, move(space), move(files), run_child, nullptr));
    child->borrows_space = lend;
    child->thread->policy.weight = current_thread().policy.weight;
    copy_registers(*child, request.stack);
    if ((flags & CLONE_SETTLS) != 0) child->thread->user_frame().tp = request.tls;
    if ((flags & CLONE_CLEAR_SIGHAND) != 0) child->signals.reset_handlers();
    Result<void> told = tell_number(request, *child);
    if (!told.ok()) {
        abandon(*child);
        return told.error();
    }
    if ((flags & CLONE_CHILD_CLEARTID) != 0) {
        child->clear_tid_address = request.child_tid.address().value;
    }
    i32 pid = child->pid;
    int event = (flags & CLONE_VFORK) != 0 ? PTRACE_EVENT_VFORK : PTRACE_EVENT_FORK;
    trace_child(*child, event);
    child->thread->start();
    trace_event(event, static_cast<u64>(pid));
    if (lend) wait_for_space(*child);
    return pid;
}

}  // namespace

static Result<i64> sys_clone(u64 flags, UserAddress stack, UserOut<i32> parent_tid, u64 tls,
                             UserOut<i32> child_tid) {
    return clone_process({flags, stack, parent_tid, child_tid, tls});
}
SYSCALL(clone);

// What is behind the fields known here must be zero (E2BIG): nothing of it can be had.
static Result<i64> sys_clone3(UserAddress address, u64 size) {
    struct clone_args arguments;
    if (size < sizeof arguments) return Errno{EINVAL};
    if (size > kPageSize) return Errno{E2BIG};
    arguments = TRY(UserIn<struct clone_args>(address).read());
    for (u64 at = sizeof arguments; at < size; at += sizeof(u64)) {
        u64 more = 0;
        TRY(UserSpan(address, size).copy_in(at, &more, min(sizeof more, size - at)));
        if (more != 0) return Errno{E2BIG};
    }
    bool half_a_stack = (arguments.stack == 0) != (arguments.stack_size == 0);
    if ((arguments.flags & CLONE_PIDFD) != 0 || half_a_stack) return Errno{EINVAL};
    return clone_process({arguments.flags, UserAddress(arguments.stack + arguments.stack_size),
                          UserOut<i32>(UserAddress(arguments.parent_tid)),
                          UserOut<i32>(UserAddress(arguments.child_tid)), arguments.tls});
}
SYSCALL(clone3);
