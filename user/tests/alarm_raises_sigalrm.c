// An alarm raises SIGALRM when its time has come, once or again and again; the last one counts, and
// what was left of the one before is told.
#include <sys/time.h>

#include "check.h"

static volatile int count;

static void handler(int signal) {
    (void)signal;
    count++;
}

static struct itimerval milliseconds(long first, long interval) {
    return (struct itimerval){{interval / 1000, interval % 1000 * 1000},
                              {first / 1000, first % 1000 * 1000}};
}

int main(void) {
    on_signal(SIGALRM, handler);
    struct itimerval wanted = milliseconds(100, 0), left;
    long start = monotonic_milliseconds();
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, NULL));
    while (count == 0) pause();
    CHECK(monotonic_milliseconds() - start >= 100);
    CHECK_OK(getitimer(ITIMER_REAL, &left));
    CHECK_IS(left.it_value.tv_sec + left.it_value.tv_usec, 0);

    wanted = milliseconds(30, 30);
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, NULL));
    while (count < 5) pause();
    CHECK(monotonic_milliseconds() - start >= 100 + 4 * 30);

    wanted = milliseconds(500000, 0);
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, NULL));
    wanted = milliseconds(0, 0);
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, &left));
    CHECK(left.it_value.tv_sec <= 500 && left.it_value.tv_sec > 400);
    int before = count;
    nap(100);
    CHECK_IS(count, before);

    wanted.it_value.tv_usec = 1000000;
    CHECK_FAILS(setitimer(ITIMER_REAL, &wanted, NULL), EINVAL);
    CHECK_FAILS(setitimer(3, NULL, NULL), EINVAL);
    CHECK_FAILS(getitimer(ITIMER_REAL, KERNEL_ADDRESS), EFAULT);
    return 0;
}
