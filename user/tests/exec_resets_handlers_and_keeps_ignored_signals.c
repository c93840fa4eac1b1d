// Across execve a signal with a handler gets its default action, an ignored one stays ignored, and
// a blocked one stays blocked.
#include "check.h"

static void handler(int signal) {
    (void)signal;
}

static void exec_it(void) {
    on_signal(SIGUSR1, handler);
    on_signal(SIGUSR2, SIG_IGN);
    sigset_t set = set_of(SIGTERM);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    char *arguments[] = {"after", NULL};
    exec_self(arguments, environ);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

static void look(void) {
    CHECK_IS(handler_of(SIGUSR1), SIG_DFL);
    CHECK_IS(handler_of(SIGUSR2), SIG_IGN);
    sigset_t blocked;
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &blocked));
    CHECK_IS(sigismember(&blocked, SIGTERM), 1);
    CHECK_IS(sigismember(&blocked, SIGUSR1), 0);
}

int main(int argc, char **argv) {
    (void)argc;
    if (strcmp(argv[0], "after") == 0) look();
    else CHECK_PASSES(exec_it);
    return 0;
}
