// Times as user programs give them, in nanoseconds. The monotonic clock is time_now(); the wall
// clock is that of cpu/rtc.h.
#pragma once
#include "abi/time.h"
#include "process/user_memory.h"

// EINVAL where it is negative or has a billion nanoseconds or more. Saturates below kNever.
Result<u64> to_nanoseconds(const struct timespec& time);
Result<u64> read_time(UserIn<struct timespec> time);
struct timespec to_timespec(u64 nanoseconds);
struct timeval to_timeval(u64 nanoseconds);

// Deadlines as time_now() counts. deadline_after() is for the time-out of a system call: one that
// starts over, because a signal without a handler interrupted it, keeps the deadline it had: it passes
// what its wait has come to through keep_deadline().
Result<void> keep_deadline(u64 deadline, Result<void> outcome);
u64 deadline_after(u64 nanoseconds);
u64 deadline_of_wall_clock(u64 nanoseconds);
