// Alarms: setitimer(2) and getitimer(2), for the clock on the wall. A kernel thread, started with
// the first alarm, sleeps until the next one is due and sends SIGALRM. The timers that count a
// process's own time (ITIMER_VIRTUAL, ITIMER_PROF) are not there: EINVAL.
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"

namespace {

constinit WaitQueue alarm_set;
constinit bool alarm_was_set GUARDED_BY(tree_lock) = false;
constinit Atomic<bool> ringer_runs{false};

// Sends what is due; returns when the next alarm is.
u64 ring_due_alarms() REQUIRES(tree_lock) {
    u64 now = time_now(), next = kNever;
    for (Process& process : all_processes) {
        Alarm& alarm = process.alarm;
        if (process.state == ProcessState::kZombie) continue;
        if (alarm.deadline <= now) {
            send_signal(process, SIGALRM);
            u64 missed = alarm.interval == 0 ? 0 : (now - alarm.deadline) / alarm.interval + 1;
            alarm.deadline = missed == 0 ? kNever : alarm.deadline + missed * alarm.interval;
        }
        next = min(next, alarm.deadline);
    }
    return next;
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
struct itimerval time_left(const Alarm& alarm) {
    u64 now = time_now();
    u64 left = alarm.deadline == kNever ? 0
               : alarm.deadline > now   ? max(alarm.deadline - now, u64{kMicrosecond})
                                        : kMicrosecond;
    return {to_timeval(alarm.interval), to_timeval(left)};
}

}  // namespace

static Result<i64> sys_getitimer(int which, UserOut<struct itimerval> value) {
    if (which != ITIMER_REAL) return Errno{EINVAL};
    struct itimerval left;
    {
        SpinGuard guard(tree_lock);
        left = time_left(current_process().alarm);
    }
    TRY(value.write(left));
    return 0;
}
SYSCALL(getitimer);

// A null `value` takes the alarm back, as on Linux.
static Result<i64> sys_setitimer(int which, UserIn<struct itimerval> value,
                                 UserOut<struct itimerval> old_value) {
    struct itimerval wanted = {}, left;
    if (!value.is_null()) wanted = TRY(value.read());
    u64 interval = TRY(from_timeval(wanted.it_interval));
    u64 first = TRY(from_timeval(wanted.it_value));
    if (which != ITIMER_REAL) return Errno{EINVAL};
    if (first != 0) TRY(start_ringer());
    {
        SpinGuard guard(tree_lock);
        Alarm& alarm = current_process().alarm;
        left = time_left(alarm);
        alarm = {first == 0 ? kNever : time_now() + first, first == 0 ? 0 : interval};
        alarm_was_set = true;
    }
    alarm_set.wake_all();
    if (!old_value.is_null()) TRY(old_value.write(left));
    return 0;
}
SYSCALL(setitimer);
