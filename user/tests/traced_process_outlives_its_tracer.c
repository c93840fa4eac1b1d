// Where a tracer ends, in whatever stop its processes are, they go on as if nobody had looked; with
// PTRACE_O_EXITKILL they end too. And killing the process itself ends each of its stops.
// not-on-qemu-user: it has no ptrace
#include "tracer.h"

static int ends[2];

static void work(void) {
    getppid();
    raise(SIGURG);
    CHECK_IS(write(ends[1], "done", 4), 4);
}

static void tracer_at_entry(void) {
    next_call(start_traced(work), SYS_getppid);
}

static void tracer_at_exit(void) {
    pid_t child = start_traced(work);
    next_call(child, SYS_getppid);
    end_of_call(child);
}

static void tracer_at_signal(void) {
    CHECK_IS(go_on(start_traced(work), PTRACE_CONT, 0), W_STOPCODE(SIGURG));
}

static void tracer_while_it_runs(void) {
    CHECK_OK(ptrace(PTRACE_SYSCALL, start_traced(work), NULL, NULL));
}

static void tracer_that_takes_it_along(void) {
    pid_t child = start_traced(work);
    CHECK_OK(ptrace(PTRACE_SETOPTIONS, child, NULL,
                    (void *)(long)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)));
    next_call(child, SYS_getppid);
}

static void check_goes_on(void (*tracer)(void), const char *expected) {
    char text[8] = "";
    CHECK_OK(pipe(ends));
    CHECK_PASSES(tracer);
    CHECK_OK(close(ends[1]));
    CHECK_OK(read(ends[0], text, sizeof text));  // its end where the process has been killed
    CHECK_TEXT(text, expected);
    CHECK_OK(close(ends[0]));
}

static void check_kill(int request) {
    pid_t child = start_traced(work);
    if (request) next_call(child, SYS_getppid);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_FAILS(ptrace(PTRACE_CONT, child, NULL, NULL), ESRCH);
}

int main(void) {
    check_goes_on(tracer_at_entry, "done");
    check_goes_on(tracer_at_exit, "done");
    check_goes_on(tracer_at_signal, "done");
    check_goes_on(tracer_while_it_runs, "done");
    check_goes_on(tracer_that_takes_it_along, "");
    CHECK_OK(pipe(ends));
    check_kill(0);
    check_kill(1);
    return 0;
}
