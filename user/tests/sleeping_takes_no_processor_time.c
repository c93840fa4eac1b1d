// Processor time grows by working and not by sleeping; that of children counts when they were
// waited for.
#include <sys/resource.h>
#include <sys/times.h>

#include "check.h"

static long milliseconds_of(int who) {
    struct rusage usage;
    CHECK_OK(getrusage(who, &usage));
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void work(void) {
    long start = milliseconds_of(RUSAGE_SELF), end = monotonic_milliseconds() + 20000;
    while (milliseconds_of(RUSAGE_SELF) < start + 50) {
        CHECK(monotonic_milliseconds() < end);
        for (volatile int i = 0; i < 100000; i++) continue;
    }
}

int main(void) {
    long before = milliseconds_of(RUSAGE_SELF);
    nap(300);
    CHECK(milliseconds_of(RUSAGE_SELF) - before < 200);
    CHECK(milliseconds_of(RUSAGE_CHILDREN) < 50);
    work();
    CHECK_PASSES(work);
    CHECK(milliseconds_of(RUSAGE_CHILDREN) >= 40);
    struct tms ticks;
    CHECK(times(&ticks) > 0);
    CHECK(ticks.tms_utime + ticks.tms_stime >= 4);
    CHECK(ticks.tms_cutime + ticks.tms_cstime >= 4);
    return 0;
}
