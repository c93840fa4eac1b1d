// Pipes and copies of descriptors give back all when they are closed, with or without bytes in
// them, by close, by the end of their process, or by a dup2 over them.
// goose-only: looks at goose's counters.
#include "counters.h"

static void leave_open(void) {
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_IS(write(ends[1], "left behind", 11), 11);
    CHECK_OK(fcntl(ends[0], F_DUPFD, 50));
}

static void cycle(void) {
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_IS(write(ends[1], "left behind", 11), 11);
    int copy = (int)CHECK_OK(dup(ends[0]));
    CHECK_OK(dup2(STDERR_FILENO, ends[0]));
    CHECK_OK(close(copy));
    CHECK_OK(close(ends[0]));
    CHECK_OK(close(ends[1]));
    CHECK_PASSES(leave_open);
    CHECK_FAILS(pipe(NULL), EFAULT);
}

int main(void) {
    check_leaks_nothing(cycle);
    return 0;
}
