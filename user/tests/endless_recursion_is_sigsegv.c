// A stack that grows without end ends the program by SIGSEGV.
#include "check.h"

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static __attribute__((noinline)) int recurse(volatile char *above) {
    volatile char frame[4000];
    frame[0] = above[0];
    return recurse(frame) + frame[0];
}

static void run(void) {
    char start = 'x';
    recurse(&start);
}

int main(void) {
    CHECK_KILLED(run, SIGSEGV);
    return 0;
}
