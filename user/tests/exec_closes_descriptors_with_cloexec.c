// execve closes the descriptors that are marked close-on-exec, however they came by the mark.
#include "check.h"

static int ends[2];

// The pipe's only writers are this process's marked descriptors: the reader sees its end while
// the new program still runs.
static void exec_a_sleeper(void) {
    CHECK_OK(close(ends[0]));
    CHECK_OK(fcntl(ends[1], F_DUPFD_CLOEXEC, 20));
    CHECK_OK(dup3(ends[1], 21, O_CLOEXEC));
    CHECK_OK(fcntl(ends[1], F_SETFD, FD_CLOEXEC));
    execl("/bin/sleep", "sleep", "100", NULL);
    check_failed(__FILE__, __LINE__, "execl", strerror(errno));
}

int main(void) {
    CHECK_OK(pipe2(ends, 0));
    pid_t child = start_child(exec_a_sleeper);
    CHECK_OK(close(ends[1]));
    char byte;
    CHECK_IS(read(ends[0], &byte, 1), 0);
    CHECK_IS(waitpid(child, NULL, WNOHANG), 0);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    return 0;
}
