// A child has its parent's handlers and mask, but not the signals that are pending for the parent.
#include "check.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
}

static void look(void) {
    sigset_t mask, pending;
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
    CHECK_IS(mask, set_of(SIGUSR1));
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending, 0);
    CHECK_OK(sigprocmask(SIG_UNBLOCK, &mask, NULL));
    CHECK_IS(came, 0);
    CHECK_OK(raise(SIGUSR1));
    CHECK_IS(came, 1);
}

int main(void) {
    on_signal(SIGUSR1, handler);
    sigset_t set = set_of(SIGUSR1);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(raise(SIGUSR1));
    CHECK_PASSES(look);
    CHECK_OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK_IS(came, 1);
    return 0;
}
