// Calendar time in UTC, by the proleptic Gregorian calendar. Days are counted in years that begin
// in March, so that the leap day is the last of its year.
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "libc.h"

#define DAY 86400l

time_t time(time_t *result) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

clock_t clock(void) {
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0) return -1;
    return used.tv_sec * CLOCKS_PER_SEC + used.tv_nsec / 1000;
}

double difftime(time_t end, time_t start) {
    return (double)(end - start);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *left) {
    int saved = errno;
    if (sys_clock_nanosleep(clock, flags, time, left) == 0) return 0;
    int error = errno;
    errno = saved;
    return error;  // by POSIX the result, not errno
}

static long floor_divide(long a, long b) {
    return a / b - (a % b < 0);
}

// Days from 1970-01-01 to the given day; the month may be out of range.
static long days_before(long year, long month, long day) {
    year += floor_divide(month, 12);
    month -= floor_divide(month, 12) * 12;
    long march_year = month < 2 ? year - 1 : year;
    long march_month = (month + 10) % 12;
    long leap_days =
        floor_divide(march_year, 4) - floor_divide(march_year, 100) + floor_divide(march_year, 400);
    // 153 days in five months from March on: 31 30 31 30 31.
    long day_of_year = (153 * march_month + 2) / 5 + day - 1;
    return march_year * 365 + leap_days + day_of_year - 719468;
}

struct tm *gmtime_r(const time_t *time, struct tm *tm) {
    long days = floor_divide(*time, DAY);
    long seconds = *time - days * DAY;
    // A first guess at the year is off by one at most.
    long year = 1970 + floor_divide(days * 400, 146097);
    while (days_before(year, 0, 1) > days) year--;
    while (days_before(year + 1, 0, 1) <= days) year++;
    int month = 11;
    while (days_before(year, month, 1) > days) month--;

    *tm = (struct tm){
        .tm_sec = (int)(seconds % 60),
        .tm_min = (int)(seconds / 60 % 60),
        .tm_hour = (int)(seconds / 3600),
        .tm_mday = (int)(days - days_before(year, month, 1)) + 1,
        .tm_mon = month,
        .tm_year = (int)(year - 1900),
        .tm_wday = (int)(days + 4 - floor_divide(days + 4, 7) * 7),
        .tm_yday = (int)(days - days_before(year, 0, 1)),
        .tm_zone = "UTC",
    };
    return tm;
}

struct tm *gmtime(const time_t *time) {
    static struct tm result;
    return gmtime_r(time, &result);
}

struct tm *localtime_r(const time_t *time, struct tm *tm) {
    return gmtime_r(time, tm);
}

struct tm *localtime(const time_t *time) {
    return gmtime(time);
}

time_t timegm(struct tm *tm) {
    long days = days_before(tm->tm_year + 1900l, tm->tm_mon, tm->tm_mday);
    time_t result = days * DAY + tm->tm_hour * 3600l + tm->tm_min * 60l + tm->tm_sec;
    gmtime_r(&result, tm);
    return result;
}

time_t mktime(struct tm *tm) {
    return timegm(tm);
}

char *asctime(const struct tm *tm) {
    static char text[64];
    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y\n", tm);
    return text;
}

char *ctime(const time_t *time) {
    return asctime(localtime(time));
}
