// Terminal calls on what is no terminal, and unknown ones, fail with ENOTTY.
#include <sys/ioctl.h>
#include <termios.h>

#include "check.h"

int main(void) {
    struct termios settings;
    struct winsize window;
    int ends[2];
    enter_scratch();
    CHECK_OK(pipe(ends));
    int fds[] = {new_file("file", ""), ends[0], (int)CHECK_OK(open(".", O_RDONLY))};
    for (unsigned i = 0; i < COUNT_OF(fds); i++) {
        CHECK_FAILS(tcgetattr(fds[i], &settings), ENOTTY);
        CHECK_FAILS(ioctl(fds[i], TIOCGWINSZ, &window), ENOTTY);
        CHECK_IS(isatty(fds[i]), 0);
    }
    return 0;
}
