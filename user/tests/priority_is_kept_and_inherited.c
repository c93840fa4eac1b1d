// setpriority is told by getpriority, of a process and of its group; children inherit it, and values
// out of range are cut.
// not-on-qemu-user: its own threads keep their priority
#include <sys/resource.h>

#include "check.h"

static void inherited(void) {
    errno = 0;
    CHECK_IS(getpriority(PRIO_PROCESS, 0), 7);
}

int main(void) {
    CHECK_OK(setpgid(0, 0));
    CHECK_IS(getpriority(PRIO_PROCESS, 0), 0);
    CHECK_OK(setpriority(PRIO_PROCESS, 0, 7));
    CHECK_IS(getpriority(PRIO_PROCESS, getpid()), 7);
    CHECK_IS(getpriority(PRIO_PGRP, 0), 7);
    CHECK_PASSES(inherited);
    CHECK_OK(setpriority(PRIO_PGRP, getpid(), 100));
    CHECK_IS(getpriority(PRIO_PROCESS, 0), 19);
    CHECK_FAILS(getpriority(3, 0), EINVAL);
    CHECK_FAILS(setpriority(PRIO_PROCESS, 0x7ffffff0, 0), ESRCH);
    return 0;
}
