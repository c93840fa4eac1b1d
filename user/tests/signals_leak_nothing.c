// Handlers, nested ones too, and signals that are sent and never taken leave nothing behind.
// goose-only: looks at goose's counters.
#include "counters.h"

static int depth;

static void handler(int signal) {
    if (depth++ < 3) CHECK_OK(raise(signal));
    depth--;
}

static void die_with_signals_pending(void) {
    sigset_t all;
    sigfillset(&all);
    CHECK_OK(sigprocmask(SIG_SETMASK, &all, NULL));
    for (int signal = 1; signal < 32; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP) CHECK_OK(kill(getpid(), signal));
    }
}

static void cycle(void) {
    CHECK_OK(raise(SIGUSR1));
    CHECK_PASSES(die_with_signals_pending);
}

int main(void) {
    set_action(SIGUSR1, (struct sigaction){.sa_handler = handler, .sa_flags = SA_NODEFER});
    check_leaks_nothing(cycle);
    return 0;
}
