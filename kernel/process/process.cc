// The table of processes. See process.h; how they begin is in fork.cc and first_process.cc, how they
// end in exit.cc.
#include "process/process.h"

#include "process/user_thread.h"

constinit SpinLock tree_lock{LockRank::kProcessTree, "process tree"};

namespace {

constexpr i32 kMaxPid = 32768;

using AllProcesses = List<Process, &Process::all_node>;
// Constructed in place on first use: the kernel has no global constructors.
alignas(AllProcesses) constinit u8 all_storage[sizeof(AllProcesses)] = {};
constinit bool all_ready = false;
constinit usize count GUARDED_BY(tree_lock) = 0;
constinit i32 last_pid GUARDED_BY(tree_lock) = 0;

AllProcesses& all() {
    AllProcesses& list = *reinterpret_cast<AllProcesses*>(all_storage);
    if (!all_ready) {
        new (&list) AllProcesses();
        all_ready = true;
    }
    return list;
}

bool pid_in_use(i32 pid) {
    for (Process& process : all()) {
        if (process.pid == pid || process.group == pid || process.session == pid) return true;
    }
    return false;
}

// A number that no process, group or session has.
i32 choose_pid() {
    bool wrapped = false;
    do {
        if (++last_pid >= kMaxPid) {
            last_pid = 2;
            wrapped = true;
        }
    } while ((wrapped || count > 0) && pid_in_use(last_pid));
    return last_pid;
}

void set_default_limits(struct rlimit (&limits)[RLIM_NLIMITS]) {
    for (struct rlimit& limit : limits) limit = {RLIM_INFINITY, RLIM_INFINITY};
    limits[RLIMIT_STACK].rlim_cur = kStackLimit;
    limits[RLIMIT_NOFILE] = {kMaxDescriptors, kMaxDescriptors};
    limits[RLIMIT_CORE].rlim_cur = 0;
}

}  // namespace

Process::Process(Ref<AddressSpace> its_space, Ref<FdTable> its_files)
    : space(move(its_space)), files(move(its_files)), start_time(time_now()) {
    set_default_limits(limits);
    SpinGuard guard(tree_lock);
    pid = choose_pid();
    group = session = pid;
    all().push_back(*this);
    count++;
}

Process::~Process() {
    SpinGuard guard(tree_lock);
    if (all_node.linked()) all_node.unlink();
    count--;
}

Result<Ref<Process>> Process::create(Ref<AddressSpace> space, Ref<FdTable> files) {
    return make_ref<Process>(move(space), move(files));
}

usize process_count() {
    SpinGuard guard(tree_lock);
    return count;
}

void for_each_process_locked(void (*visit)(Process& process, void* context), void* context) {
    for (Process& process : all()) visit(process, context);
}

bool group_exists_locked(i32 group, i32 session) {
    for (Process& process : all()) {
        if (process.group == group && process.session == session &&
            process.state != ProcessState::kZombie) {
            return true;
        }
    }
    return false;
}

void for_each_process(void (*visit)(Process& process, void* context), void* context) {
    SpinGuard guard(tree_lock);
    for_each_process_locked(visit, context);
}

void forget_process_locked(Process& process) {
    process.sibling_node.unlink();
    process.parent = nullptr;
    process.all_node.unlink();
}

Ref<Process> find_process(i32 pid) {
    SpinGuard guard(tree_lock);
    for (Process& process : all()) {
        if (process.pid == pid && process.try_retain()) return Ref<Process>::adopt(&process);
    }
    return {};
}

Ref<Process> next_process(i32 pid) {
    SpinGuard guard(tree_lock);
    Process* next = nullptr;
    for (Process& process : all()) {
        if (process.pid >= pid && (next == nullptr || process.pid < next->pid)) next = &process;
    }
    return next != nullptr && next->try_retain() ? Ref<Process>::adopt(next) : Ref<Process>();
}
