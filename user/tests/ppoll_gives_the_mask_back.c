// The mask that ppoll sets is for that call only, also when no signal comes.
#include <poll.h>

#include "check.h"

int main(void) {
    sigset_t before, during, after;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR1);
    CHECK_OK(sigprocmask(SIG_SETMASK, &before, NULL));
    sigemptyset(&during);
    sigaddset(&during, SIGUSR2);
    int ends[2];
    CHECK_OK(pipe(ends));
    struct pollfd writable = {ends[1], POLLOUT, 0};
    CHECK_IS(ppoll(&writable, 1, NULL, &during), 1);
    CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &after));
    CHECK(sigismember(&after, SIGUSR1) && !sigismember(&after, SIGUSR2));
    return 0;
}
