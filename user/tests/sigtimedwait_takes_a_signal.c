// sigtimedwait takes a blocked signal that is pending, or the first that comes, and no handler runs;
// without one it gives up after its time; a signal that is handled interrupts it.
#include "check.h"

static volatile int handled;

static void handler(int signal) {
    handled = signal;
}

static void end_soon(void) {
    nap(50);
}

static void interrupt_parent(void) {
    nap(50);
    CHECK_OK(kill(getppid(), SIGALRM));
    nap(200);
}

int main(void) {
    struct timespec none = {0, 0}, short_time = {0, 50 * MILLISECOND}, long_time = {20, 0};
    sigset_t set = set_of(SIGUSR1) | set_of(SIGUSR2) | set_of(SIGCHLD);
    siginfo_t info;
    on_signal(SIGUSR1, handler);
    on_signal(SIGUSR2, handler);
    on_signal(SIGALRM, handler);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_FAILS(sigtimedwait(&set, &info, &none), EAGAIN);
    long start = monotonic_milliseconds();
    CHECK_FAILS(sigtimedwait(&set, &info, &short_time), EAGAIN);
    CHECK(monotonic_milliseconds() - start >= 50);

    // What is pending: the lowest number first.
    CHECK_OK(kill(getpid(), SIGUSR2));
    CHECK_OK(kill(getpid(), SIGUSR1));
    CHECK_IS(sigtimedwait(&set, &info, &long_time), SIGUSR1);
    CHECK_IS(info.si_signo, SIGUSR1);
    CHECK_IS(info.si_code, SI_USER);
    CHECK_IS(info.si_pid, getpid());
    CHECK_IS(sigtimedwait(&set, NULL, NULL), SIGUSR2);
    CHECK_FAILS(sigtimedwait(&set, &info, &none), EAGAIN);

    // What comes: also a signal that is ignored unless it is blocked.
    pid_t child = start_child(end_soon);
    CHECK_IS(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_IS(info.si_pid, child);
    CHECK_IS(info.si_code, CLD_EXITED);
    CHECK_IS(wait_for(child), 0);
    CHECK_IS(handled, 0);

    child = start_child(interrupt_parent);
    CHECK_FAILS(sigtimedwait(&set, &info, &long_time), EINTR);
    CHECK_IS(handled, SIGALRM);
    CHECK_IS(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
