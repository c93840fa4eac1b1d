// wait4(2): learning what has become of children.
#include "abi/wait.h"
#include "process/process.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_time.h"

namespace {

constexpr u32 kThreadKinds = 0xe0000000;  // __WNOTHREAD, __WALL, __WCLONE: no difference here
constexpr u32 kKnownOptions = WNOHANG | WUNTRACED | WCONTINUED | kThreadKinds;
constexpr i32 kContinuedStatus = 0xffff;

// pid as wait4 has it: one process, any, my group (0), or group -pid.
bool is_wanted(const Process& child, i32 pid) REQUIRES(tree_lock) {
    if (pid > 0) return child.pid == pid;
    return pid == -1 || child.group == (pid == 0 ? current_process().group : -pid);
}

// The end of a process that is traced is its tracer's to know first, and then its parent's.
bool has_news(const Process& child, u32 options) REQUIRES(tree_lock) {
    bool traced = child.tracer == &current_process();
    if (child.state == ProcessState::kZombie) return traced || child.tracer == nullptr;
    if (traced && child.trace.has_news) return true;
    if (child.parent != &current_process()) return false;
    u32 asked = child.state == ProcessState::kStopped ? WUNTRACED : WCONTINUED;
    return child.has_news && (options & asked) != 0;
}

// What wait4 gives out, copied under the lock.
struct News {
    i32 pid = 0;
    i32 status = 0;
    u64 user_time = 0, system_time = 0;
    Ref<Process> ended;  // the tree's reference, dropped without the lock
};

void take_news(Process& self, Process& child, News& news) REQUIRES(tree_lock) {
    news.pid = child.pid;
    if (child.state != ProcessState::kZombie && child.tracer == &self && child.trace.has_news) {
        news.status = child.trace.status;
        child.trace.has_news = false;
        return;
    }
    child.has_news = false;
    if (child.state == ProcessState::kZombie) {
        news.status = child.wait_status;
        if (child.parent != &self) {  // only traced: its parent is to know next
            end_trace_locked(child);
            return hand_over_zombie_locked(child);
        }
        news.user_time = child.user_time + child.children_user_time;
        news.system_time = child.system_time + child.children_system_time;
        self.children_user_time += news.user_time;
        self.children_system_time += news.system_time;
        news.ended = forget_process_locked(child);
    } else {
        bool stopped = child.state == ProcessState::kStopped;
        news.status = stopped ? W_STOPCODE(child.stop_signal) : kContinuedStatus;
    }
}

// Finds a wanted child with news; `any` tells whether there is a wanted child at all.
Process* find_news(Process& self, i32 pid, u32 options, bool& any) REQUIRES(tree_lock) {
    any = false;
    for (Process& child : self.children) {
        if (is_wanted(child, pid)) {
            any = true;
            if (has_news(child, options)) return &child;
        }
    }
    for (Process& tracee : self.tracees) {
        if (tracee.parent == &self || !is_wanted(tracee, pid)) continue;
        any = true;
        if (has_news(tracee, options)) return &tracee;
    }
    return nullptr;
}

// BEGIN SOLUTION(user.wait)
Result<void> wait_for_child(i32 pid, u32 options, News& news) NO_THREAD_SAFETY_ANALYSIS {
    Process& self = current_process();
    SpinGuard guard(tree_lock);
    Process* child = nullptr;
    bool any = false;
    auto found_or_hopeless = [&]() REQUIRES(tree_lock) {
        child = find_news(self, pid, options, any);
        return child != nullptr || !any || (options & WNOHANG) != 0;
    };
    TRY(wait_until_interruptible(self.child_changed, tree_lock, found_or_hopeless));
    if (!any) return Errno{ECHILD};
    if (child != nullptr) take_news(self, *child, news);
    return {};
}
// END SOLUTION
// STUB: Result<void> wait_for_child(i32, u32, News&) {
// STUB:     static_cast<void>(find_news), static_cast<void>(take_news);
// STUB:     panic("user.wait: yours to write");
// STUB: }

}  // namespace

static Result<i64> sys_wait4(i32 pid, UserOut<i32> status, u32 options,
                             UserOut<struct rusage> usage) {
    if ((options & ~kKnownOptions) != 0) return Errno{EINVAL};
    if (pid == -0x7fff'ffff - 1) return Errno{ESRCH};  // no group has that number
    News news;
    TRY(wait_for_child(pid, options, news));
    if (news.pid != 0) TRY(status.write_unless_null(news.status));
    if (news.pid != 0 && !usage.is_null()) {
        struct rusage times = {};
        times.ru_utime = to_timeval(news.user_time);
        times.ru_stime = to_timeval(news.system_time);
        TRY(usage.write(times));
    }
    return news.pid;
}
SYSCALL(wait4);
