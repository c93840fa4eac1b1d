// setpgid of a child: one in another session is EPERM, also where it has executed another program, which
// alone is EACCES; a session's leader is EPERM, and who is no child ESRCH. One that has ended and has
// not been waited for is as it was.
#include "check.h"

static int told[2];

static _Noreturn void execute(void) {
    fcntl(told[1], F_SETFD, 0);
    char number[12];
    snprintf(number, sizeof number, "%d", told[1]);
    exec_self((char *[]){"self", number, NULL}, (char *[]){NULL});
    _exit(127);
}

static void leave_session_and_execute(void) {
    CHECK_OK(setsid());
    execute();
}

static pid_t start_and_wait_for_exec(void (*body)(void)) {
    char byte;
    pid_t child = start_child(body);
    CHECK_IS(read(told[0], &byte, 1), 1);
    return child;
}

static void end(void) {
}

int main(int argc, char **argv) {
    if (argc > 1) {
        if (write(atoi(argv[1]), "x", 1) == 1) nap(20000);
        return 1;
    }
    CHECK_OK(pipe(told));
    pid_t child = start_and_wait_for_exec(execute);
    pid_t leader = start_and_wait_for_exec(leave_session_and_execute);
    CHECK_FAILS(setpgid(child, child), EACCES);
    CHECK_FAILS(setpgid(leader, leader), EPERM);
    CHECK_FAILS(setpgid(getppid(), 0), ESRCH);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_OK(kill(leader, SIGKILL));
    pid_t ended = start_child(end);
    nap(100);
    CHECK_OK(setpgid(ended, ended));
    CHECK_IS(getpgid(ended), ended);
    CHECK_FAILS(setpgid(child, child), EACCES);
    wait_for(ended);
    wait_for(child);
    wait_for(leader);
    return 0;
}
