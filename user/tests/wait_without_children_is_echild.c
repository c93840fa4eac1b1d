// wait4 fails with ECHILD where there is no child to wait for, also when another process is named.
#include "check.h"

static void nothing(void) {
}

int main(void) {
    CHECK_FAILS(wait(NULL), ECHILD);
    pid_t child = start_child(nothing);
    CHECK_FAILS(waitpid(getppid(), NULL, 0), ECHILD);
    CHECK_IS(wait_for(child), 0);
    CHECK_FAILS(waitpid(child, NULL, 0), ECHILD);
    CHECK_FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
    return 0;
}
