// Clocks, intervals and process times.
#pragma once

#include "abi/check.h"

struct timespec {
    int64_t tv_sec;
    int64_t tv_nsec;
};
ABI_SIZE(struct timespec, 16);

struct timeval {
    int64_t tv_sec;
    int64_t tv_usec;
};
ABI_SIZE(struct timeval, 16);

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1  // a process's time in user mode
#define ITIMER_PROF 2     // and in all

struct itimerval {
    struct timeval it_interval, it_value;
};
ABI_SIZE(struct itimerval, 32);

// times(2), in clock ticks of 1/100 s (AT_CLKTCK).
struct tms {
    int64_t tms_utime, tms_stime;
    int64_t tms_cutime, tms_cstime;
};
ABI_SIZE(struct tms, 32);

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7

// tv_nsec values with a meaning of their own in utimensat(2).
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe
