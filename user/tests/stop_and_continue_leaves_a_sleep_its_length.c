// A sleep that is stopped and continued goes on to its end, and no further: without a handler no
// signal ends it with EINTR.
#include "check.h"

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(void) {
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        struct timespec wanted = {1, 0};
        long start = milliseconds();
        int outcome = nanosleep(&wanted, NULL);
        long slept = milliseconds() - start;
        _exit(outcome != 0 ? 1 : slept < 1000 ? 2 : slept > 1700 ? 3 : 0);
    }
    struct timespec a_while = {0, 400 * MILLISECOND};
    int status;
    for (int i = 0; i < 2; i++) {
        nanosleep(&a_while, NULL);
        CHECK_OK(kill(child, SIGSTOP));
        CHECK_IS(waitpid(child, &status, WUNTRACED), child);
        CHECK(WIFSTOPPED(status));
        CHECK_OK(kill(child, SIGCONT));
    }
    CHECK_IS(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_IS(WEXITSTATUS(status), 0);
    return 0;
}
