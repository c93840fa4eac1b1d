// A handler with SA_RESTART runs in the middle of a read that waits, and the read goes on.
#include "check.h"

static volatile int came;
static int ends[2];
static pid_t parent;

static void handler(int signal) {
    (void)signal;
    came++;
}

static void send_and_write(void) {
    for (int i = 0; i < 3; i++) {
        nap(20);
        CHECK_OK(kill(parent, SIGUSR1));
    }
    nap(20);
    CHECK_IS(write(ends[1], "x", 1), 1);
}

int main(void) {
    char byte = 0;
    parent = getpid();
    on_signal(SIGUSR1, handler);  // the library's signal sets SA_RESTART
    CHECK_OK(pipe(ends));
    pid_t child = start_child(send_and_write);
    CHECK_IS(read(ends[0], &byte, 1), 1);
    CHECK_IS(byte, 'x');
    CHECK(came >= 1);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
