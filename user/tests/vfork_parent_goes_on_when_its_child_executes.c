// A child of vfork gives the memory back when it executes a program, and not when that fails; what
// it wrote before is there.
// not-on-qemu-user: it makes vfork a fork
#include "lend.h"

static volatile int failed_with;

static void body(void) {
    char *words[] = {"self", "sleep", NULL};
    execve("/nonexistent", words, NULL);
    failed_with = errno;
    exec_self(words, NULL);
    _exit(1);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "sleep") == 0) {
        nap(300);
        return 9;
    }
    long start = monotonic_milliseconds();
    pid_t child = (pid_t)CHECK_OK(lend_memory(0, body));
    CHECK_IS(failed_with, ENOENT);
    CHECK_IS(waitpid(child, NULL, WNOHANG), 0);
    CHECK(monotonic_milliseconds() - start < 300000);
    CHECK_IS(wait_for(child), W_EXITCODE(9, 0));
    return 0;
}
