// A child does not inherit an alarm, a program that is executed does, and without a handler SIGALRM
// ends the process.
#include <sys/time.h>

#include "check.h"

static void has_none(void) {
    struct itimerval left;
    CHECK_OK(getitimer(ITIMER_REAL, &left));
    CHECK_IS(left.it_value.tv_sec + left.it_value.tv_usec, 0);
}

static void executes(void) {
    struct itimerval wanted = {.it_value.tv_usec = 200000};
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, NULL));
    exec_self((char *[]){"self", "sleep", NULL}, NULL);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "sleep") == 0) {
        nap(60000);
        return 0;
    }
    struct itimerval wanted = {.it_value.tv_sec = 1000};
    CHECK_OK(setitimer(ITIMER_REAL, &wanted, NULL));
    CHECK_PASSES(has_none);
    CHECK_KILLED(executes, SIGALRM);
    return 0;
}
