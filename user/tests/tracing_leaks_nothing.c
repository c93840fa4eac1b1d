// Tracers and traced processes that end in any order, with children of their own, leave nothing behind;
// nor does a kill that comes while the tracer looks.
// goose-only: looks at goose's counters.
#include "counters.h"
#include "tracer.h"

static void body(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
}

// Ends while its process and that one's child are stopped.
static void tracer_that_ends(void) {
    pid_t child = start_traced(body), grandchild = 0;
    long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD;
    CHECK_OK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options));
    CHECK_IS(go_on(child, PTRACE_CONT, 0) >> 16, PTRACE_EVENT_FORK);
    CHECK_OK(ptrace(PTRACE_GETEVENTMSG, child, NULL, &grandchild));
    CHECK_IS(wait_for(grandchild), W_STOPCODE(SIGSTOP));
}

// The process is killed by somebody else, at some moment of this.
static void tracer_that_looks_on(void) {
    pid_t child = start_traced(body);
    pid_t killer = fork();
    if (killer == 0) _exit(kill(child, SIGKILL));
    struct ptrace_syscall_info info;
    errno = 0;
    while (errno != ESRCH) {
        ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info);
        if (errno == 0) ptrace(PTRACE_PEEKDATA, child, &info, NULL);
    }
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_IS(wait_for(killer), 0);
}

static void cycle(void) {
    CHECK_PASSES(tracer_that_ends);
    CHECK_PASSES(tracer_that_looks_on);
}

int main(void) {
    check_leaks_nothing(cycle);
    return 0;
}
