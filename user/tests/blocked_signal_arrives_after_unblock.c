// A blocked signal waits, sigpending lists it, and it comes at once when it is unblocked; several
// of one kind come as one.
#include "check.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
}

int main(void) {
    sigset_t set = set_of(SIGUSR1), pending;
    on_signal(SIGUSR1, handler);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending, 0);
    for (int i = 0; i < 5; i++) CHECK_OK(kill(getpid(), SIGUSR1));
    CHECK_OK(getppid());
    CHECK_IS(came, 0);
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending, set);
    CHECK_OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK_IS(came, 1);
    return 0;
}
