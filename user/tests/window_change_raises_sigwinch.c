// Setting the terminal's window size to another one sends SIGWINCH to the foreground group.
// goose-only: on Linux tests have no terminal.
#include <sys/ioctl.h>

#include "check.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
}

int main(void) {
    struct winsize before, now;
    on_signal(SIGWINCH, handler);
    int fd = (int)CHECK_OK(open("/dev/tty", O_RDWR));
    CHECK_OK(ioctl(fd, TIOCGWINSZ, &before));
    struct winsize other = {.ws_row = 33, .ws_col = 77};
    CHECK_OK(ioctl(fd, TIOCSWINSZ, &other));
    CHECK_IS(came, 1);
    CHECK_OK(ioctl(fd, TIOCGWINSZ, &now));
    CHECK(now.ws_row == 33 && now.ws_col == 77);
    CHECK_OK(ioctl(fd, TIOCSWINSZ, &other));
    CHECK_IS(came, 1);
    CHECK_OK(ioctl(fd, TIOCSWINSZ, &before));
    CHECK_IS(came, 2);
    return 0;
}
