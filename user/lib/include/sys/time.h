// Time of day in microseconds, and interval timers.
#pragma once

#include <abi/poll.h>
#include <abi/time.h>
#include <sys/types.h>

struct timezone {
    int32_t tz_minuteswest;
    int32_t tz_dsttime;
};

int gettimeofday(struct timeval *time, void *zone);
int settimeofday(const struct timeval *time, const struct timezone *zone);
int getitimer(int which, struct itimerval *value);
int setitimer(int which, const struct itimerval *value, struct itimerval *old_value);
int utimes(const char *path, const struct timeval times[2]);
