// A sleep takes at least its time and, on a machine with nothing else to do, not much more; an
// impossible one is refused.
#include "check.h"

int main(void) {
    for (long milliseconds = 1; milliseconds <= 100; milliseconds *= 10) {
        struct timespec before, after, time = {0, milliseconds * MILLISECOND};
        CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &before));
        CHECK_OK(nanosleep(&time, NULL));
        CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &after));
        long slept =
            (after.tv_sec - before.tv_sec) * 1000 * MILLISECOND + after.tv_nsec - before.tv_nsec;
        CHECK(slept >= milliseconds * MILLISECOND);
        CHECK(slept < (milliseconds + 5000) * MILLISECOND);
    }
    struct timespec wrong[] = {{0, -1}, {0, 1000 * MILLISECOND}, {-1, 0}};
    for (int i = 0; i < 3; i++) CHECK_FAILS(nanosleep(&wrong[i], NULL), EINVAL);
    return 0;
}
