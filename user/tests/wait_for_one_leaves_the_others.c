// Waiting for one child by number, or for a group, does not take the news of another.
#include "check.h"

static void wait_to_be_killed(void) {
    for (;;) pause();
}

int main(void) {
    pid_t children[3];
    for (int i = 0; i < 3; i++) children[i] = start_child(wait_to_be_killed);
    CHECK_OK(setpgid(children[2], children[2]));
    int signals[] = {SIGTERM, SIGKILL, SIGHUP};
    for (int i = 0; i < 3; i++) CHECK_OK(kill(children[i], signals[i]));
    CHECK_IS(wait_for(children[1]), SIGKILL);
    int status;
    CHECK_IS(waitpid(-children[2], &status, 0), children[2]);
    CHECK_IS(status, SIGHUP);
    CHECK_IS(waitpid(0, &status, 0), children[0]);
    CHECK_IS(status, SIGTERM);
    CHECK_FAILS(wait(NULL), ECHILD);
    return 0;
}
