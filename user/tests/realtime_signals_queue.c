// Of real-time signals several of one number may be pending: each arrives, with its value, in the order
// in which they were sent; the lower number comes first. Ignoring the number drops all. Of other
// signals the first counts.
#include "check.h"

#define MANY 20

static int values[MANY], count;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (count < MANY) values[count] = info->si_value.sival_int;
    count++;
}

static void send_value(int signal, int value) {
    CHECK_OK(sigqueue(getpid(), signal, (union sigval){.sival_int = value}));
}

int main(void) {
    int low = SIGRTMIN, high = SIGRTMIN + 3;
    sigset_t set = set_of(low) | set_of(high) | set_of(SIGUSR1), pending;
    siginfo_t info;
    set_action(low, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    set_action(high, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    set_action(SIGUSR1, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});

    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    for (int i = 0; i < MANY / 2; i++) {
        send_value(high, 100 + i);
        send_value(low, i);
    }
    send_value(SIGUSR1, 1000);
    send_value(SIGUSR1, 1001);
    CHECK_IS(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_IS(info.si_value.sival_int, 1000);

    // One by one, and the rest by the handler: each runs with its own number blocked, so in order.
    for (int i = 0; i < 3; i++) {
        CHECK_IS(sigwaitinfo(&set, &info), low);
        CHECK_IS(info.si_value.sival_int, i);
        CHECK_IS(info.si_code, SI_QUEUE);
    }
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending & set, set_of(low) | set_of(high));
    set = set_of(low);
    CHECK_OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK_IS(count, MANY / 2 - 3);
    for (int i = 0; i < count; i++) CHECK_IS(values[i], 3 + i);

    set = set_of(high);
    CHECK_IS(sigwaitinfo(&set, &info), high);
    CHECK_IS(info.si_value.sival_int, 100);
    on_signal(high, SIG_IGN);
    CHECK_OK(sigpending(&pending));
    CHECK_IS(pending & set, 0);
    on_signal(high, SIG_DFL);
    struct timespec none = {0, 0};
    CHECK_FAILS(sigtimedwait(&set, &info, &none), EAGAIN);

    // kill's own are queued too.
    CHECK_OK(kill(getpid(), high));
    CHECK_OK(kill(getpid(), high));
    CHECK_IS(sigwaitinfo(&set, &info), high);
    CHECK_IS(info.si_code, SI_USER);
    CHECK_IS(sigwaitinfo(&set, &info), high);
    CHECK_FAILS(sigtimedwait(&set, &info, &none), EAGAIN);
    return 0;
}
