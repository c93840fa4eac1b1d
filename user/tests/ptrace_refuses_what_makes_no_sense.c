// ptrace says no: to who traces itself, the first process, nobody, or a process of another's; where the
// process has not stopped; and to requests and options that do not exist.
// not-on-qemu-user: it has no ptrace
#include "tracer.h"

static void nothing(void) {
}

static void sleep_long(void) {
    nap(100000);
}

static void trace_twice(void) {
    CHECK_OK(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    CHECK_FAILS(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
}

int main(void) {
    pid_t ended = start_child(nothing);
    CHECK_IS(wait_for(ended), 0);
    pid_t child = start_child(sleep_long);
    CHECK_FAILS(ptrace(PTRACE_ATTACH, getpid(), NULL, NULL), EPERM);
    CHECK_FAILS(ptrace(PTRACE_ATTACH, ended, NULL, NULL), ESRCH);
    CHECK_FAILS(ptrace(PTRACE_ATTACH, -1, NULL, NULL), ESRCH);
    CHECK_FAILS(ptrace(PTRACE_CONT, ended, NULL, NULL), ESRCH);
    CHECK_FAILS(ptrace(PTRACE_CONT, child, NULL, NULL), ESRCH);  // not traced
    CHECK_FAILS(ptrace(9999, child, NULL, NULL), ESRCH);         // that comes first
    CHECK_PASSES(trace_twice);

    CHECK_OK(ptrace(PTRACE_ATTACH, child, NULL, NULL));
    CHECK_FAILS(ptrace(PTRACE_ATTACH, child, NULL, NULL), EPERM);
    CHECK_IS(wait_for(child), W_STOPCODE(SIGSTOP));
    CHECK_FAILS(ptrace(9999, child, NULL, NULL), EIO);
    CHECK_FAILS(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(1l << 40)), EINVAL);
    CHECK_FAILS(ptrace(PTRACE_GETSIGINFO, child, NULL, NULL), EFAULT);
    CHECK_FAILS(ptrace(PTRACE_GETEVENTMSG, child, NULL, KERNEL_ADDRESS), EFAULT);
    CHECK_OK(ptrace(PTRACE_CONT, child, NULL, NULL));
    CHECK_FAILS(ptrace(PTRACE_CONT, child, NULL, NULL), ESRCH);  // it runs
    CHECK_OK(kill(child, SIGURG));
    CHECK_IS(wait_for(child), W_STOPCODE(SIGURG));
    CHECK_OK(ptrace(PTRACE_DETACH, child, NULL, NULL));
    CHECK_FAILS(ptrace(PTRACE_CONT, child, NULL, NULL), ESRCH);
    CHECK_OK(kill(child, SIGTERM));
    CHECK_IS(wait_for(child), SIGTERM);
    return 0;
}
