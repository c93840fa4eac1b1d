// Processes: a tree of them, each with an address space, file descriptors, signal actions and one
// thread. A Process is counted; the tree holds one reference from creation until its parent has
// waited for it.
// Locks: `tree_lock` guards all that says so here, for all processes.
#pragma once
#include "abi/resource.h"
#include "base/list.h"
#include "process/address_space.h"
#include "process/failing.h"
#include "process/fd_table.h"
#include "process/signals.h"
#include "thread/wait.h"

class UserThread;

extern SpinLock tree_lock;

// What an upper floor keeps per process: floor io's working directory and root.
class ProcessExtension {
  public:
    virtual ~ProcessExtension() = default;
    // For the child of a fork. ENOMEM.
    virtual Result<Owned<ProcessExtension>> clone() = 0;
};

// A timer of setitimer(2), in nanoseconds of its own clock (alarm.cc).
struct Alarm {
    u64 deadline = kNever;
    u64 interval = 0;  // 0: once
};

// What a tracer wants of a process, and why that has stopped for it: trace.cc.
struct Trace {
    u32 options = 0;              // PTRACE_O_…
    i32 status = 0;               // as wait4 gives it
    bool has_news = false;        // wait4 has not told it yet
    u8 call_stop = 0;             // PTRACE_SYSCALL_INFO_…
    bool resume_to_call = false;  // the next system call stops it too
    i32 resume_signal = 0;
    u64 message = 0;      // PTRACE_GETEVENTMSG
    siginfo_t info = {};  // PTRACE_GETSIGINFO
};

enum class ProcessState : u8 { kAlive, kStopped, kZombie };

struct Process : RefCounted {
    Process(Ref<AddressSpace> its_space, Ref<FdTable> its_files);
    ~Process() override = default;

    i32 pid = 0;              // never changes, once it is in the tree
    Ref<AddressSpace> space;  // changed by the process itself only, under tree_lock
    Ref<FdTable> files;
    Owned<ProcessExtension> extension;
    Signals signals;
    Ref<Thread> thread;  // the one that runs it; guarded by signals.lock; null in a zombie

    // Guarded by tree_lock.
    Process* parent = nullptr;
    i32 group = 0;
    i32 session = 0;
    ProcessState state = ProcessState::kAlive;
    i32 wait_status = 0;         // as wait4 gives it, once a zombie or stopped
    i32 stop_signal = 0;         // while stopped: by which
    bool has_news = false;       // wait4 has not told yet that it has stopped or been continued
    bool has_executed = false;   // since fork: setpgid by the parent is refused then
    bool borrows_space = false;  // its parent's, which waits to have it back: a child of vfork
    Alarm alarms[3];             // ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF
    u64 user_time = 0;           // nanoseconds, once a zombie; before that the thread knows
    u64 system_time = 0;
    u64 children_user_time = 0;  // of children waited for
    u64 children_system_time = 0;
    Process* tracer = nullptr;  // null: nobody traces it
    Trace trace;
    ListNode tracee_node;
    ListNode sibling_node;
    ListNode all_node;
    List<Process, &Process::sibling_node> children;
    List<Process, &Process::tracee_node> tracees;
    WaitQueue child_changed;  // a child has ended, stopped or continued
    WaitQueue continued;      // it is stopped no longer, also by its tracer

    // The process's own business.
    Atomic<u32> umask{022};
    Atomic<i32> nice{0};  // setpriority(2)
    static constexpr usize kNameSize = 16;
    char name[kNameSize] = {};  // of the program, cut: /proc/PID/comm
    u64 start_time = 0;         // time_now() at fork
    u64 clear_tid_address = 0;  // set_tid_address(2)
    struct rlimit limits[RLIM_NLIMITS];
    Atomic<u64> minor_faults{0};
#if FAIL
    FailingAllocations failing = FailingAllocations::inherited();
#endif
};

// All processes that have not been waited for, in order of creation.
extern List<Process, &Process::all_node> all_processes GUARDED_BY(tree_lock);
usize process_count();

// The process that runs this code; a bug in a kernel thread.
Process& current_process();
// The same, or null in a kernel thread.
Process* current_process_or_null();

// Null where there is none; a zombie is found.
Ref<Process> find_process(i32 pid);
// Whether a process of this session is in the group, be it a zombie.
bool group_exists_locked(i32 group, i32 session) REQUIRES(tree_lock);
// Whether nobody would continue the group, should it stop: no member but `leaving` has a parent in its
// session that is in another group. POSIX calls such a group orphaned.
bool is_orphaned_locked(i32 group, const Process* leaving = nullptr) REQUIRES(tree_lock);
bool in_orphaned_group();  // the current process
// The first process with a pid of at least `pid` (for listing /proc), or null.
Ref<Process> next_process(i32 pid);

// Process 1; null before it exists.
Process* process_one();

// Makes it known, as a child of `parent` (null: the first process), with a number and one reference
// of the tree's.
void add_process_locked(Process& process, Process* parent) REQUIRES(tree_lock);
// Nobody finds it any more, though who has a reference keeps it. Returns the tree's.
Ref<Process> forget_process_locked(Process& process) REQUIRES(tree_lock);

// The current process has a space of its own now, or none: its parent may go on with the one that
// it lent. Returns whether it did lend it.
bool give_space_back(Process& process) REQUIRES(tree_lock);

// Tells the parent by SIGCHLD and wakes its wait4: CLD_EXITED and so on. With tree_lock held. The end
// of a process that is traced is told to its tracer, as is CLD_TRAPPED.
void notify_parent(Process& process, int code, i32 status) REQUIRES(tree_lock);

// Ends the current process with a wait status (abi/wait.h): releases what it has, leaves a zombie,
// tells the parent. The thread does not return.
[[noreturn]] void exit_process(i32 wait_status);

// A new process with a thread that is not started: the child of `parent`, or the first of all.
// Its user frame is zero but for sstatus. ENOMEM, EAGAIN (too many).
Result<Ref<Process>> make_process(Process* parent, Ref<AddressSpace> space, Ref<FdTable> files,
                                  void (*entry)(void*), void* argument);

// When a page fault finds no memory: ends the process that has most in use (SIGKILL), unless one is
// on its way out already, and lets it run. The caller tries again, or is that process. Called with no
// locks held.
void relieve_memory();

// Wakes at most `count` waiters on the futex at `address`; returns how many.
u32 wake_futex(AddressSpace& space, UserAddress address, u32 count);

// The current process's open file for a transfer in this direction: EBADF where there is none or its
// mode forbids it.
Result<Ref<File>> file_for_reading(int fd);
Result<Ref<File>> file_for_writing(int fd);
// No call moves more bytes than this, so that a count always fits in an int: as on Linux.
inline constexpr u64 kMostBytes = 0x7fff'f000;
inline UserSpan buffer_at(UserAddress address, u64 size) {
    return {address, min(size, kMostBytes)};
}

// What floor io replaces.
struct ProcessHooks {
    // Opens a program for exec: ENOENT, EACCES … Default: finds it in the initial cpio archive.
    Result<Ref<File>> (*open_executable)(StringView path);
    // Descriptors 0, 1 and 2 of the first process. Default: the console, raw.
    Result<Ref<File>> (*open_console)();
    // Gives the first process its extension. Default: none.
    Result<Owned<ProcessExtension>> (*first_extension)();
    // Called when a process ends that leads a session. Default: nothing.
    void (*session_ended)(i32 session);
    // Called after the current process has closed a descriptor of `file`. Default: nothing.
    void (*descriptor_closed)(File& file);
    // Before the machine stops: write back what is dirty. Default: nothing.
    void (*before_power_off)();
};
extern ProcessHooks process_hooks;
