// With SA_RESETHAND a handler runs once; the next signal has its default action.
#include "check.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
}

static void twice(void) {
    set_action(SIGUSR1, (struct sigaction){.sa_handler = handler, .sa_flags = SA_RESETHAND});
    CHECK_OK(raise(SIGUSR1));
    CHECK_IS(came, 1);
    CHECK_IS(handler_of(SIGUSR1), SIG_DFL);
    raise(SIGUSR1);
}

int main(void) {
    CHECK_KILLED(twice, SIGUSR1);
    return 0;
}
