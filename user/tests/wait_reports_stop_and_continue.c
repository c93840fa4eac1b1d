// wait4 tells that a child was stopped, and that it goes on, when asked for it.
#include "check.h"

static void sleep_on(void) {
    for (;;) pause();
}

int main(void) {
    pid_t child = start_child(sleep_on);
    int status;
    CHECK_OK(kill(child, SIGSTOP));
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_IS(WSTOPSIG(status), SIGSTOP);
    CHECK_IS(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
    CHECK_OK(kill(child, SIGCONT));
    CHECK_IS(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(WTERMSIG(wait_for(child)), SIGKILL);
    return 0;
}
