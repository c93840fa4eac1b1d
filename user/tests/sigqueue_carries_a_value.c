// sigqueue sends a value with the signal, which a handler and sigwaitinfo find beside the sender; and
// nobody can say that somebody else than sigqueue sends it, but to itself.
#include "check.h"

static siginfo_t seen;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    seen = *info;
}

static void send_to_parent(void) {
    siginfo_t info = {.si_code = SI_USER};
    CHECK_FAILS(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &info), EPERM);
    info.si_code = SI_TKILL;
    CHECK_FAILS(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &info), EPERM);
    CHECK_OK(sigqueue(getppid(), 0, (union sigval){0}));
    CHECK_OK(sigqueue(getppid(), SIGUSR2, (union sigval){.sival_int = 77}));
}

int main(void) {
    sigset_t set = set_of(SIGUSR2);
    set_action(SIGUSR1, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    CHECK_OK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = &seen}));
    CHECK_IS(seen.si_signo, SIGUSR1);
    CHECK_IS(seen.si_code, SI_QUEUE);
    CHECK_IS(seen.si_pid, getpid());
    CHECK_IS(seen.si_value.sival_ptr, &seen);

    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    pid_t child = start_child(send_to_parent);
    CHECK_IS(sigwaitinfo(&set, &seen), SIGUSR2);
    CHECK_IS(seen.si_code, SI_QUEUE);
    CHECK_IS(seen.si_pid, child);
    CHECK_IS(seen.si_value.sival_int, 77);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
