// A traced process stops at each signal, also one that it ignores, and its tracer lets it pass, takes
// it away or puts another in its place.
// not-on-qemu-user: it has no ptrace
#include "tracer.h"

static void send_three(void) {
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGCHLD);
    raise(SIGTERM);
}

int main(void) {
    pid_t child = start_traced(send_three);
    siginfo_t info;
    CHECK_IS(go_on(child, PTRACE_CONT, 0), W_STOPCODE(SIGUSR1));
    CHECK_OK(ptrace(PTRACE_GETSIGINFO, child, NULL, &info));
    CHECK_IS(info.si_signo, SIGUSR1);
    CHECK_IS(info.si_code, SI_TKILL);
    CHECK_IS(info.si_pid, child);
    CHECK_IS(go_on(child, PTRACE_CONT, 0), W_STOPCODE(SIGUSR2));  // SIGUSR1 would have killed it
    CHECK_IS(go_on(child, PTRACE_CONT, SIGUSR2), W_STOPCODE(SIGCHLD));
    CHECK_IS(go_on(child, PTRACE_CONT, SIGCHLD), W_STOPCODE(SIGTERM));
    CHECK_FAILS(ptrace(PTRACE_CONT, child, NULL, (void *)200l), EIO);
    CHECK_IS(go_on(child, PTRACE_CONT, SIGALRM), SIGALRM);
    return 0;
}
