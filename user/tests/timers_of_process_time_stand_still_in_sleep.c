// ITIMER_VIRTUAL and ITIMER_PROF count the time in which a process runs, not that in which it sleeps,
// and send signals of their own.
#include <sys/time.h>

#include "check.h"

static volatile int virtual_count, prof_count;

static void handler(int signal) {
    if (signal == SIGVTALRM) virtual_count++;
    else prof_count++;
}

static struct itimerval milliseconds(long first, long interval) {
    return (struct itimerval){{0, interval * 1000}, {0, first * 1000}};
}

static long processor_milliseconds(void) {
    struct timespec now;
    CHECK_OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now));
    return now.tv_sec * 1000 + now.tv_nsec / MILLISECOND;
}

int main(void) {
    struct itimerval wanted = milliseconds(100, 0), left;
    on_signal(SIGVTALRM, handler);
    on_signal(SIGPROF, handler);
    CHECK_OK(setitimer(ITIMER_VIRTUAL, &wanted, NULL));
    CHECK_OK(setitimer(ITIMER_PROF, &wanted, NULL));
    nap(250);
    CHECK_IS(virtual_count + prof_count, 0);
    CHECK_OK(getitimer(ITIMER_PROF, &left));
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec > 0);

    long start = processor_milliseconds();
    while (prof_count == 0) continue;
    CHECK(processor_milliseconds() - start >= 50);
    while (virtual_count == 0) continue;
    CHECK_IS(virtual_count + prof_count, 2);
    CHECK_OK(getitimer(ITIMER_PROF, &left));
    CHECK_IS(left.it_value.tv_sec + left.it_value.tv_usec, 0);

    wanted = milliseconds(20, 20);
    CHECK_OK(setitimer(ITIMER_VIRTUAL, &wanted, NULL));
    while (virtual_count < 4) continue;
    wanted = milliseconds(0, 0);
    CHECK_OK(setitimer(ITIMER_VIRTUAL, &wanted, &left));
    CHECK_IS(left.it_interval.tv_usec, 20000);
    return 0;
}
