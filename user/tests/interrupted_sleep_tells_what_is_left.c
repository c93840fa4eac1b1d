// A handler ends nanosleep with EINTR, also with SA_RESTART, and the time left is stored.
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
    on_signal(SIGUSR1, handler);
    pid_t child = start_child(send_often);
    struct timespec time = {1000, 0}, left = {0, 0};
    CHECK_FAILS(nanosleep(&time, &left), EINTR);
    CHECK(left.tv_sec >= 900 && left.tv_sec < 1000);
    CHECK_OK(kill(child, SIGKILL));
    while (waitpid(child, NULL, 0) < 0) CHECK_IS(errno, EINTR);
    return 0;
}
