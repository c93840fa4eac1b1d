// sigsuspend unblocks and waits in one step: a signal that was pending ends it, and the mask from
// before is back when it returns.
#include "check.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
}

int main(void) {
    sigset_t set = set_of(SIGUSR1), none = 0, mask;
    on_signal(SIGUSR1, handler);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(kill(getpid(), SIGUSR1));
    CHECK_IS(came, 0);
    CHECK_FAILS(sigsuspend(&none), EINTR);
    CHECK_IS(came, 1);
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
    CHECK_IS(mask, set);
    return 0;
}
