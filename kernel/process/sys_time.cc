// Clocks and sleeping: clock_gettime(2), nanosleep(2) and their like.
#include "cpu/rtc.h"
#include "cpu/time.h"
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"

Result<u64> to_nanoseconds(const struct timespec& time) {
    constexpr u64 kFarFuture = u64{1} << 62;
    if (time.tv_sec < 0 || time.tv_nsec < 0 || static_cast<u64>(time.tv_nsec) >= kSecond) {
        return Errno{EINVAL};
    }
    if (static_cast<u64>(time.tv_sec) >= kFarFuture / kSecond) return kFarFuture;
    return static_cast<u64>(time.tv_sec) * kSecond + static_cast<u64>(time.tv_nsec);
}

Result<u64> read_time(UserIn<struct timespec> time) { return to_nanoseconds(TRY(time.read())); }

struct timespec to_timespec(u64 nanoseconds) {
    return {static_cast<i64>(nanoseconds / kSecond), static_cast<i64>(nanoseconds % kSecond)};
}

struct timeval to_timeval(u64 nanoseconds) {
    struct timespec time = to_timespec(nanoseconds);
    return {time.tv_sec, time.tv_nsec / static_cast<i64>(kMicrosecond)};
}

u64 deadline_after(u64 nanoseconds) {
    u64 resumed = current_user_thread().resumed_deadline;
    u64 deadline;
    if (resumed != 0) return resumed;
    return add_fits(time_now(), nanoseconds, deadline) ? deadline : kNever;
}

Result<void> keep_deadline(u64 deadline, Result<void> outcome) {
    bool interrupted = !outcome.ok() && outcome.error().number == EINTR;
    if (interrupted) current_user_thread().kept_deadline = deadline;
    return outcome;
}

u64 deadline_of_wall_clock(u64 nanoseconds) {
    u64 now = wall_clock_now();
    u64 deadline;
    if (nanoseconds <= now) return time_now();
    return add_fits(time_now(), nanoseconds - now, deadline) ? deadline : kNever;
}

namespace {

Result<u64> read_clock(i32 clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE: return wall_clock_now();
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: return time_now();
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: return current_thread().run_time();
    default: return Errno{EINVAL};
    }
}

// Sleeps; when a signal ends it early, tells how much was left.
Result<void> sleep_and_report(u64 deadline, UserOut<struct timespec> left) {
    Result<void> slept = keep_deadline(deadline, sleep_until(deadline));
    if (!slept.ok() && !left.is_null()) {
        u64 now = time_now();
        TRY(left.write(to_timespec(now < deadline ? deadline - now : 0)));
    }
    return slept;
}

}  // namespace

static Result<void> sys_clock_gettime(i32 clock, UserOut<struct timespec> time) {
    return time.write(to_timespec(TRY(read_clock(clock))));
}
SYSCALL(clock_gettime);

static Result<void> sys_clock_getres(i32 clock, UserOut<struct timespec> resolution) {
    TRY(read_clock(clock));
    return resolution.write_unless_null(to_timespec(1));
}
SYSCALL(clock_getres);

static Result<void> sys_gettimeofday(UserOut<struct timeval> time, UserAddress) {
    return time.write_unless_null(to_timeval(wall_clock_now()));
}
SYSCALL(gettimeofday);

static Result<void> sys_nanosleep(UserIn<struct timespec> time, UserOut<struct timespec> left) {
    u64 nanoseconds = TRY(read_time(time));
    return sleep_and_report(deadline_after(nanoseconds), left);
}
SYSCALL(nanosleep);

static Result<void> sys_clock_nanosleep(i32 clock, u32 flags, UserIn<struct timespec> time,
                                        UserOut<struct timespec> left) {
    constexpr u32 kAbsolute = 1;  // TIMER_ABSTIME
    if (clock == CLOCK_THREAD_CPUTIME_ID) return Errno{EOPNOTSUPP};
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
        return Errno{EINVAL};
    }
    u64 nanoseconds = TRY(read_time(time));
    if ((flags & kAbsolute) == 0) return sleep_and_report(deadline_after(nanoseconds), left);
    bool wall = clock == CLOCK_REALTIME;
    u64 deadline = wall ? deadline_of_wall_clock(nanoseconds) : nanoseconds;
    return sleep_and_report(deadline, UserOut<struct timespec>(UserAddress(0)));
}
SYSCALL(clock_nanosleep);
