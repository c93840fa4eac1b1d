// When a process ends, by exit or by a signal, its descriptors are closed.
#include "check.h"

static int ends[2];

static void hold_until_killed(void) {
    for (;;) pause();
}

static void nothing(void) {
}

int main(void) {
    char byte;
    void (*bodies[])(void) = {nothing, hold_until_killed};
    for (int i = 0; i < 2; i++) {
        CHECK_OK(pipe(ends));
        pid_t child = start_child(bodies[i]);
        CHECK_OK(close(ends[1]));
        if (i == 1) CHECK_OK(kill(child, SIGKILL));
        CHECK_IS(read(ends[0], &byte, 1), 0);
        wait_for(child);
        CHECK_OK(close(ends[0]));
    }
    return 0;
}
