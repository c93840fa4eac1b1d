// fork(2), in Linux's clothes: clone(2) without threads.
#include "abi/sched.h"
#include "process/syscall.h"
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

static Result<i64> sys_clone(u64 flags, UserAddress stack, UserOut<i32> parent_tid, u64 tls,
                             UserOut<i32> child_tid) {
    if ((flags & kThreadFlags) != 0) return Errno{ENOSYS};
    Process& parent = current_process();
    Ref<AddressSpace> space = TRY(parent.space->fork());
    Ref<FdTable> files = TRY(parent.files->clone());
    Ref<Process> child = TRY(make_process(&parent, move(space), move(files), run_child, nullptr));
    copy_registers(*child, stack);
    if ((flags & CLONE_SETTLS) != 0) child->thread->user_frame().tp = tls;
    i32 pid = child->pid;
    Result<void> told;
    if ((flags & CLONE_PARENT_SETTID) != 0) told = parent_tid.write(pid);
    if (told.ok() && (flags & CLONE_CHILD_SETTID) != 0) {
        told = child->space->copy_out(child_tid.address(), &pid, sizeof pid);
    }
    if (!told.ok()) {
        abandon(*child);
        return told.error();
    }
    if ((flags & CLONE_CHILD_CLEARTID) != 0) child->clear_tid_address = child_tid.address().value;
    child->thread->start();
    return pid;
}
SYSCALL(clone);
