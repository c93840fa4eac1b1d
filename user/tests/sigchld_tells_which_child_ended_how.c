// When a child ends its parent gets SIGCHLD with the child's number and status.
#include "check.h"

static volatile int came;
static siginfo_t seen;

static void on_child(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    seen = *info;
    came = 1;
}

static void end_with_42(void) {
    _exit(42);
}

static void end_by_signal(void) {
    kill(getpid(), SIGKILL);
}

static pid_t run(void (*body)(void)) {
    came = 0;
    pid_t child = start_child(body);
    while (!came) nap(1);
    wait_for(child);
    CHECK_IS(seen.si_signo, SIGCHLD);
    CHECK_IS(seen.si_pid, child);
    return child;
}

int main(void) {
    set_action(SIGCHLD,
               (struct sigaction){.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART});
    run(end_with_42);
    CHECK_IS(seen.si_code, CLD_EXITED);
    CHECK_IS(seen.si_status, 42);
    run(end_by_signal);
    CHECK_IS(seen.si_code, CLD_KILLED);
    CHECK_IS(seen.si_status, SIGKILL);
    return 0;
}
