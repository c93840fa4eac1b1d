// tcsetpgrp makes another group of the session the foreground group, and a background process that
// tries it is stopped by SIGTTOU.
// goose-only: on Linux tests have no terminal.
#include <termios.h>

#include "check.h"

static int fd;
static pid_t former;

static void take_and_give_back(void) {
    CHECK_OK(setpgid(0, 0));
    sigset_t set = set_of(SIGTTOU);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(tcsetpgrp(fd, getpgrp()));
    CHECK_IS(tcgetpgrp(fd), getpgrp());
    CHECK_OK(tcsetpgrp(fd, former));
}

static void try_to_take(void) {
    CHECK_OK(setpgid(0, 0));
    CHECK_OK(tcsetpgrp(fd, getpgrp()));
}

int main(void) {
    fd = (int)CHECK_OK(open("/dev/tty", O_RDWR));
    former = getpgrp();
    CHECK_PASSES(take_and_give_back);
    CHECK_IS(tcgetpgrp(fd), former);
    pid_t child = start_child(try_to_take);
    int status;
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_IS(WSTOPSIG(status), SIGTTOU);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_IS(tcgetpgrp(fd), former);
    CHECK_FAILS(tcsetpgrp(fd, 30000), EPERM);
    return 0;
}
