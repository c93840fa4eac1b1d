// A process of a background group that reads the terminal is stopped by SIGTTIN, or gets EIO where
// it ignores that; one of the foreground group reads.
// goose-only: on Linux tests have no terminal.
#include <termios.h>

#include "check.h"

static int fd;

static void read_in_background(void) {
    char byte;
    CHECK_OK(setpgid(0, 0));
    (void)!read(fd, &byte, 1);
    _exit(7);
}

static void read_ignoring(void) {
    char byte;
    CHECK_OK(setpgid(0, 0));
    on_signal(SIGTTIN, SIG_IGN);
    CHECK_FAILS(read(fd, &byte, 1), EIO);
}

int main(void) {
    fd = (int)CHECK_OK(open("/dev/tty", O_RDWR));
    CHECK_IS(tcgetpgrp(fd), getpgrp());
    pid_t child = start_child(read_in_background);
    int status;
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_IS(WSTOPSIG(status), SIGTTIN);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_PASSES(read_ignoring);
    return 0;
}
