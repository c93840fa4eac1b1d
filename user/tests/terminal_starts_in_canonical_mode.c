// The console is a terminal that gives whole lines, echoes, and knows ^C, ^D, ^U and erase.
// goose-only: on Linux tests have no terminal.
#include <sys/ioctl.h>
#include <termios.h>

#include "check.h"

int main(void) {
    struct termios settings;
    int fd = (int)CHECK_OK(open("/dev/tty", O_RDWR));
    CHECK_IS(isatty(fd), 1);
    CHECK_OK(tcgetattr(fd, &settings));
    CHECK_IS(settings.c_lflag & (ICANON | ECHO | ISIG), ICANON | ECHO | ISIG);
    CHECK(settings.c_iflag & ICRNL);
    CHECK_IS(settings.c_oflag & (OPOST | ONLCR), OPOST | ONLCR);
    CHECK_IS(settings.c_cc[VINTR], 3);
    CHECK_IS(settings.c_cc[VEOF], 4);
    CHECK_IS(settings.c_cc[VKILL], 21);
    CHECK_IS(settings.c_cc[VERASE], 127);
    return 0;
}
