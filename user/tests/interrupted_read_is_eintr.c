// A handler without SA_RESTART ends a read that waits with EINTR.
#include "check.h"

static volatile int came;
static pid_t parent;

static void handler(int signal) {
    (void)signal;
    came = 1;
}

// Until it is heard: the first may come before the read.
static void send_often(void) {
    for (;;) {
        nap(20);
        CHECK_OK(kill(parent, SIGUSR1));
    }
}

int main(void) {
    int ends[2];
    char byte;
    parent = getpid();
    set_action(SIGUSR1, (struct sigaction){.sa_handler = handler});
    CHECK_OK(pipe(ends));
    pid_t child = start_child(send_often);
    CHECK_FAILS(read(ends[0], &byte, 1), EINTR);
    CHECK_IS(came, 1);
    CHECK_OK(kill(child, SIGKILL));
    while (waitpid(child, NULL, 0) < 0) CHECK_IS(errno, EINTR);
    return 0;
}
