// CLOCK_MONOTONIC never goes back, on whatever hart it is read; CLOCK_REALTIME is the date, which
// gettimeofday gives too; other numbers are refused.
#include <sys/time.h>

#include "check.h"

// The latest time that any of the processes has read.
static long *latest;

static void read_often(void) {
    for (int i = 0; i < 2000; i++) {
        struct timespec now;
        long before = __atomic_load_n(latest, __ATOMIC_SEQ_CST);
        CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &now));
        long time = now.tv_sec * 1000 * MILLISECOND + now.tv_nsec;
        CHECK(time >= before);
        __atomic_store_n(latest, time, __ATOMIC_SEQ_CST);
    }
}

int main(void) {
    latest = new_pages(1, MAP_SHARED);
    pid_t child = start_child(read_often);
    read_often();
    CHECK_IS(wait_for(child), 0);
    struct timespec date, resolution;
    struct timeval same;
    CHECK_OK(clock_gettime(CLOCK_REALTIME, &date));
    CHECK(date.tv_sec > 1577836800);  // the year 2020
    CHECK_OK(gettimeofday(&same, NULL));
    CHECK(same.tv_sec == date.tv_sec || same.tv_sec == date.tv_sec + 1);
    CHECK_OK(clock_getres(CLOCK_MONOTONIC, &resolution));
    CHECK_IS(resolution.tv_sec, 0);
    CHECK_FAILS(clock_gettime(77, &date), EINVAL);
    return 0;
}
