// kill with a negative number sends to each process of that group and to no other.
#include "check.h"

static void wait_for_signal(void) {
    for (;;) pause();
}

int main(void) {
    pid_t members[3], outsider = start_child(wait_for_signal);
    for (int i = 0; i < 3; i++) {
        members[i] = start_child(wait_for_signal);
        CHECK_OK(setpgid(members[i], members[0]));
        CHECK_IS(getpgid(members[i]), members[0]);
    }
    CHECK_OK(kill(-members[0], 0));
    CHECK_OK(kill(-members[0], SIGTERM));
    for (int i = 0; i < 3; i++) CHECK_IS(wait_for(members[i]), SIGTERM);
    CHECK_FAILS(kill(-members[0], SIGTERM), ESRCH);
    CHECK_IS(waitpid(outsider, NULL, WNOHANG), 0);
    CHECK_OK(kill(outsider, SIGKILL));
    CHECK_IS(wait_for(outsider), SIGKILL);
    return 0;
}
