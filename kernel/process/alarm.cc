// Timers: setitimer(2) and getitimer(2), on the clock on the wall and on those of a process's own time.
// A kernel thread, started with the first one, sleeps until the next is due and sends its signal.
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"

namespace {

constinit WaitQueue alarm_set;
constinit bool alarm_was_set GUARDED_BY(tree_lock) = false;
constinit Atomic<bool> ringer_runs{false};

// In the order of ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF.
constexpr int kAlarmSignals[] = {SIGALRM, SIGVTALRM, SIGPROF};
// How often the time of a process is looked at that waits for it to pass.
constexpr u64 kLook = 4 * kMillisecond;

// What the clock of a timer shows: time_now(), or the process's time in user mode, or in all.
u64 clock_of(u32 which, Process& process) {
    if (which == ITIMER_REAL) return time_now();
    SpinGuard guard(process.signals.lock);
    if (!process.thread) return 0;
    return which == ITIMER_VIRTUAL ? process.thread->user_time() : process.thread->run_time();
}

// Sends the signal of a timer that is due. Returns in how long it may be due next, or kNever.
u64 ring_if_due(u32 which, Process& process) REQUIRES(tree_lock) {
    Alarm& alarm = process.alarms[which];
    if (alarm.deadline == kNever) return kNever;
    u64 now = clock_of(which, process);
    if (alarm.deadline <= now) {
        send_signal(process, kAlarmSignals[which]);
        u64 missed = alarm.interval == 0 ? 0 : (now - alarm.deadline) / alarm.interval + 1;
        alarm.deadline = missed == 0 ? kNever : alarm.deadline + missed * alarm.interval;
        if (missed == 0) return kNever;
    }
    return which == ITIMER_REAL ? alarm.deadline - now : max(alarm.deadline - now, kLook);
}

// Sends what is due; returns when the next timer may be.
u64 ring_due_alarms() REQUIRES(tree_lock) {
    u64 wait = kNever;
    for (Process& process : all_processes) {
        if (process.state == ProcessState::kZombie) continue;
        for (u32 which = 0; which < 3; which++) wait = min(wait, ring_if_due(which, process));
    }
    return wait == kNever ? kNever : time_now() + wait;
}

void ring_alarms(void*) {
    SpinGuard guard(tree_lock);
    for (;;) {
        u64 next = ring_due_alarms();
        alarm_was_set = false;
        (void) wait_until_deadline(alarm_set, tree_lock, next,
                                   []() REQUIRES(tree_lock) { return alarm_was_set; });
    }
}

Result<void> start_ringer() {
    if (ringer_runs.exchange(true)) return {};
    Result<Ref<Thread>> thread = Thread::create("alarms", ring_alarms, nullptr);
    if (thread.ok()) {
        (*thread)->start();
    } else {
        ringer_runs.store(false);
    }
    return thread.ok() ? Result<void>() : thread.error();
}

Result<u64> from_timeval(const struct timeval& time) {
    constexpr i64 kMillion = 1'000'000;
    if (time.tv_usec < 0 || time.tv_usec >= kMillion) return Errno{EINVAL};
    return to_nanoseconds({time.tv_sec, time.tv_usec * static_cast<i64>(kMicrosecond)});
}

// An alarm that is due but not sent yet has a microsecond left: zero would say that there is none.
struct itimerval time_left(const Alarm& alarm, u64 now) {
    u64 left = alarm.deadline == kNever ? 0
               : alarm.deadline > now   ? max(alarm.deadline - now, u64{kMicrosecond})
                                        : kMicrosecond;
    return {to_timeval(alarm.interval), to_timeval(left)};
}

}  // namespace

static Result<void> sys_getitimer(u32 which, UserOut<struct itimerval> value) {
    if (which > ITIMER_PROF) return Errno{EINVAL};
    Process& process = current_process();
    struct itimerval left;
    {
        SpinGuard guard(tree_lock);
        left = time_left(process.alarms[which], clock_of(which, process));
    }
    return value.write(left);
}
SYSCALL(getitimer);

// A null `value` takes the alarm back, as on Linux.
static Result<void> sys_setitimer(u32 which, UserIn<struct itimerval> value,
                                  UserOut<struct itimerval> old_value) {
    struct itimerval wanted = {}, left;
    if (!value.is_null()) wanted = TRY(value.read());
    u64 interval = TRY(from_timeval(wanted.it_interval));
    u64 first = TRY(from_timeval(wanted.it_value));
    if (which > ITIMER_PROF) return Errno{EINVAL};
    Process& process = current_process();
    if (first != 0) TRY(start_ringer());
    {
        SpinGuard guard(tree_lock);
        Alarm& alarm = process.alarms[which];
        u64 now = clock_of(which, process);
        left = time_left(alarm, now);
        alarm = {first == 0 ? kNever : now + first, first == 0 ? 0 : interval};
        alarm_was_set = true;
    }
    alarm_set.wake_all();
    return old_value.write_unless_null(left);
}
SYSCALL(setitimer);
