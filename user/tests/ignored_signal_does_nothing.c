// An ignored signal neither ends a process nor interrupts it nor stays pending.
#include "check.h"

static int ends[2];
static pid_t parent;

static void send_and_write(void) {
    for (int i = 0; i < 3; i++) {
        CHECK_OK(kill(parent, SIGTERM));
        nap(10);
    }
    CHECK_IS(write(ends[1], "x", 1), 1);
}

int main(void) {
    parent = getpid();
    on_signal(SIGTERM, SIG_IGN);
    CHECK_OK(pipe(ends));
    pid_t child = start_child(send_and_write);
    char byte;
    CHECK_IS(read(ends[0], &byte, 1), 1);
    CHECK_IS(wait_for(child), 0);
    sigset_t pending;
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending, 0);
    // One that is blocked and pending goes when it becomes ignored.
    sigset_t set = set_of(SIGUSR1);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(raise(SIGUSR1));
    on_signal(SIGUSR1, SIG_IGN);
    on_signal(SIGUSR1, SIG_DFL);
    CHECK_OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    return 0;
}
