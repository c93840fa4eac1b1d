// A child is in the group and session of its parent; setsid makes both new, once.
#include "check.h"

static pid_t group, session;

static void look(void) {
    CHECK_IS(getpgid(0), group);
    CHECK_IS(getsid(0), session);
    CHECK_IS(CHECK_OK(setsid()), getpid());
    CHECK_IS(getpgid(0), getpid());
    CHECK_IS(getsid(0), getpid());
    CHECK_FAILS(setsid(), EPERM);
    CHECK_FAILS(setpgid(0, 0), EPERM);
}

int main(void) {
    group = getpgid(0);
    session = getsid(0);
    CHECK_PASSES(look);
    CHECK_FAILS(setpgid(0, -1), EINVAL);
    CHECK_FAILS(setpgid(1, 1), ESRCH);
    return 0;
}
