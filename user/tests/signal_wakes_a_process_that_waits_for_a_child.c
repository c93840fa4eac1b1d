// A handler without SA_RESTART ends wait4 with EINTR, and the child is still there to wait for.
#include "check.h"

static pid_t parent;

static void handler(int signal) {
    (void)signal;
}

static void send_often(void) {
    for (;;) {
        nap(20);
        CHECK_OK(kill(parent, SIGUSR1));
    }
}

int main(void) {
    parent = getpid();
    set_action(SIGUSR1, (struct sigaction){.sa_handler = handler});
    pid_t child = start_child(send_often);
    CHECK_FAILS(wait(NULL), EINTR);
    CHECK_OK(kill(child, SIGKILL));
    int status = -1;
    while (waitpid(child, &status, 0) < 0) CHECK_IS(errno, EINTR);
    CHECK_IS(status, SIGKILL);
    return 0;
}
