// Writing to a pipe that nobody can read any more raises SIGPIPE, and fails with EPIPE where that
// is ignored; a writer that waits for room is woken for it.
#include "check.h"

static int ends[2];

static void write_alone(void) {
    CHECK_OK(write(ends[1], "x", 1));
}

static void write_until_alone(void) {
    static char bytes[PAGE];
    CHECK_OK(close(ends[0]));
    for (;;) CHECK_OK(write(ends[1], bytes, sizeof bytes));
}

int main(void) {
    CHECK_OK(pipe(ends));
    pid_t child = start_child(write_until_alone);
    nap(30);
    CHECK_OK(close(ends[0]));
    CHECK_IS(wait_for(child), SIGPIPE);
    CHECK_OK(pipe(ends));
    CHECK_OK(close(ends[0]));
    CHECK_KILLED(write_alone, SIGPIPE);
    on_signal(SIGPIPE, SIG_IGN);
    CHECK_FAILS(write(ends[1], "x", 1), EPIPE);
    return 0;
}
