// While a handler runs, its own signal and those of sa_mask are blocked, and the mask from before
// is back afterwards; with SA_NODEFER its own signal is not blocked.
#include "check.h"

static volatile int depth, deepest, runs, others;

static void on_other(int signal) {
    (void)signal;
    CHECK_IS(depth, 0);
    others++;
}

static void handler(int signal) {
    depth++;
    if (depth > deepest) deepest = depth;
    if (++runs == 1) {
        CHECK_OK(raise(SIGUSR2));
        CHECK_OK(raise(signal));
    }
    depth--;
}

static void run_with(unsigned long flags) {
    set_action(SIGUSR1, (struct sigaction){
                            .sa_handler = handler, .sa_flags = flags, .sa_mask = set_of(SIGUSR2)});
    deepest = runs = others = 0;
    CHECK_OK(raise(SIGUSR1));
    CHECK_IS(runs, 2);
    CHECK_IS(others, 1);
    sigset_t mask;
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
    CHECK_IS(mask, 0);
}

int main(void) {
    on_signal(SIGUSR2, on_other);
    run_with(0);
    CHECK_IS(deepest, 1);
    run_with(SA_NODEFER);
    CHECK_IS(deepest, 2);
    return 0;
}
