// Until it ends, a child of vfork works in its parent's memory, and the parent waits; descriptors are
// its own.
// not-on-qemu-user: it makes vfork a fork
#include "lend.h"

static volatile int written_by_child, fd;

static void body(void) {
    nap(50);
    written_by_child = 42;
    close(fd);
    _exit(7);
}

int main(void) {
    fd = (int)CHECK_OK(dup(STDOUT_FILENO));
    for (int round = 1; round <= 20; round++) {
        written_by_child = 0;
        pid_t child = (pid_t)CHECK_OK(lend_memory(0, body));
        CHECK_IS(written_by_child, 42);
        CHECK_IS(wait_for(child), W_EXITCODE(7, 0));
        CHECK_OK(fcntl(fd, F_GETFD));
    }
    return 0;
}
