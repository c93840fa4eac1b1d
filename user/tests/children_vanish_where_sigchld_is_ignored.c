// Where SIGCHLD is ignored children leave no zombies: wait4 waits for the last and says ECHILD.
#include "check.h"

static void end_later(void) {
    nap(20);
}

int main(void) {
    on_signal(SIGCHLD, SIG_IGN);
    pid_t child = start_child(end_later);
    CHECK_FAILS(waitpid(child, NULL, 0), ECHILD);
    CHECK_FAILS(kill(child, 0), ESRCH);
    return 0;
}
