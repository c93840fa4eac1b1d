// SIGKILL and SIGSTOP can have no handler, cannot be ignored and are never blocked.
#include "check.h"

static void handler(int signal) {
    (void)signal;
}

static void block_all_and_kill(void) {
    sigset_t all, now;
    sigfillset(&all);
    CHECK_OK(sigprocmask(SIG_SETMASK, &all, NULL));
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &now));
    CHECK_IS(sigismember(&now, SIGKILL), 0);
    CHECK_IS(sigismember(&now, SIGSTOP), 0);
    CHECK_IS(sigismember(&now, SIGTERM), 1);
    kill(getpid(), SIGKILL);
}

int main(void) {
    int signals[] = {SIGKILL, SIGSTOP};
    for (int i = 0; i < 2; i++) {
        CHECK(signal(signals[i], handler) == SIG_ERR && errno == EINVAL);
        CHECK(signal(signals[i], SIG_IGN) == SIG_ERR && errno == EINVAL);
        CHECK_IS(handler_of(signals[i]), SIG_DFL);
    }
    CHECK_FAILS(sigaction(0, NULL, NULL), EINVAL);
    CHECK_FAILS(sigaction(65, NULL, NULL), EINVAL);
    CHECK_KILLED(block_all_and_kill, SIGKILL);
    return 0;
}
