// The table of processes. See process.h; how they begin is in fork.cc and first_process.cc, how they
// end in exit.cc.
#include "process/process.h"

#include "process/trace.h"
#include "process/user_thread.h"

constinit SpinLock tree_lock{LockRank::kProcessTree, "process tree"};
constinit List<Process, &Process::all_node> all_processes;

namespace {

constexpr i32 kMaxPid = 32768;

constinit usize count GUARDED_BY(tree_lock) = 0;
constinit i32 last_pid GUARDED_BY(tree_lock) = 0;

// Whether a process, group or session has the number.
bool pid_in_use(i32 pid) REQUIRES(tree_lock) {
    for (Process& process : all_processes) {
        if (process.pid == pid || process.group == pid || process.session == pid) return true;
    }
    return false;
}

i32 choose_pid() REQUIRES(tree_lock) {
    do {
        last_pid = last_pid + 1 < kMaxPid ? last_pid + 1 : 2;
    } while (pid_in_use(last_pid));
    return last_pid;
}

}  // namespace

Process::Process(Ref<AddressSpace> its_space, Ref<FdTable> its_files)
    : space(move(its_space)), files(move(its_files)), start_time(time_now()) {
    for (struct rlimit& limit : limits) limit = {RLIM_INFINITY, RLIM_INFINITY};
    limits[RLIMIT_STACK].rlim_cur = kStackLimit;
    limits[RLIMIT_NOFILE] = {kMaxDescriptors, kMaxDescriptors};
    limits[RLIMIT_CORE].rlim_cur = 0;
}

void add_process_locked(Process& process, Process* parent) {
    process.pid = choose_pid();
    process.group = parent != nullptr ? parent->group : process.pid;
    process.session = parent != nullptr ? parent->session : process.pid;
    process.parent = parent;
    if (parent != nullptr) parent->children.push_back(process);
    all_processes.push_back(process);
    process.retain();
    count++;
}

Ref<Process> forget_process_locked(Process& process) {
    end_trace_locked(process);
    process.sibling_node.unlink();
    process.parent = nullptr;
    process.all_node.unlink();
    count--;
    return Ref<Process>::adopt(&process);
}

usize process_count() {
    SpinGuard guard(tree_lock);
    return count;
}

bool group_exists_locked(i32 group, i32 session) {
    for (Process& process : all_processes) {
        if (process.group == group && process.session == session) return true;
    }
    return false;
}

bool is_orphaned_locked(i32 group, const Process* leaving) {
    for (Process& member : all_processes) {
        const Process* parent = member.parent;
        if (member.group != group || member.state == ProcessState::kZombie) continue;
        if (&member == leaving || parent == nullptr || parent->group == group) continue;
        if (parent->session == member.session) return false;
    }
    return true;
}

bool in_orphaned_group() {
    SpinGuard guard(tree_lock);
    return is_orphaned_locked(current_process().group);
}

Ref<Process> find_process(i32 pid) {
    SpinGuard guard(tree_lock);
    for (Process& process : all_processes) {
        if (process.pid == pid) return Ref<Process>(process);
    }
    return {};
}

Ref<Process> next_process(i32 pid) {
    SpinGuard guard(tree_lock);
    Process* next = nullptr;
    for (Process& process : all_processes) {
        if (process.pid >= pid && (next == nullptr || process.pid < next->pid)) next = &process;
    }
    return Ref<Process>::share(next);
}
