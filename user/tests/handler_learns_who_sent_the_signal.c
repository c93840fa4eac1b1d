// A handler with SA_SIGINFO gets the signal's number, its origin and the sender's number.
#include "check.h"

static siginfo_t seen;
static volatile int number;

static void handler(int signal, siginfo_t *info, void *context) {
    CHECK(context);
    seen = *info;
    number = signal;
}

static void send(void) {
    CHECK_OK(kill(getppid(), SIGUSR2));
}

int main(void) {
    set_action(SIGUSR2, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    pid_t child = start_child(send);
    while (!number) nap(1);
    CHECK_IS(number, SIGUSR2);
    CHECK_IS(seen.si_signo, SIGUSR2);
    CHECK_IS(seen.si_code, SI_USER);
    CHECK_IS(seen.si_pid, child);
    CHECK_IS(seen.si_uid, getuid());
    while (waitpid(child, NULL, 0) < 0) CHECK_IS(errno, EINTR);
    number = 0;
    CHECK_OK(raise(SIGUSR2));
    CHECK_IS(number, SIGUSR2);
    CHECK_IS(seen.si_code, SI_TKILL);
    CHECK_IS(seen.si_pid, getpid());
    return 0;
}
