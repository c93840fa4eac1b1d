// kill checks the process (ESRCH) and the signal's number (EINVAL); signal 0 only asks.
#include <limits.h>

#include "check.h"

static void nothing(void) {
}

int main(void) {
    pid_t child = start_child(nothing);
    CHECK_IS(wait_for(child), 0);
    CHECK_FAILS(kill(child, SIGTERM), ESRCH);
    CHECK_FAILS(kill(child, 0), ESRCH);
    CHECK_FAILS(kill(-child, 0), ESRCH);
    CHECK_FAILS(kill(INT_MIN, 0), ESRCH);
    CHECK_OK(kill(getpid(), 0));
    CHECK_FAILS(kill(getpid(), 65), EINVAL);
    CHECK_FAILS(kill(getpid(), -1), EINVAL);
    return 0;
}
