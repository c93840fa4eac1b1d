// wait4 tells by which signal a child ended.
#include "check.h"

static void sleep_on(void) {
    for (;;) pause();
}

int main(void) {
    int signals[] = {SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGALRM, SIGPIPE};
    for (unsigned i = 0; i < COUNT_OF(signals); i++) {
        pid_t child = start_child(sleep_on);
        CHECK_OK(kill(child, signals[i]));
        int status = wait_for(child);
        CHECK(WIFSIGNALED(status));
        CHECK_IS(WTERMSIG(status), signals[i]);
    }
    return 0;
}
