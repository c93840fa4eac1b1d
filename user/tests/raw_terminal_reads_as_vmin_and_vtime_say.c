// In raw mode a read with VMIN 0 returns at once, or after VTIME tenths of a second, where nothing
// was typed; the settings stay as they were set, and go back.
// goose-only: on Linux tests have no terminal.
#include <termios.h>

#include "check.h"

static int fd;

static long read_with(unsigned char min, unsigned char time) {
    struct termios settings;
    char byte;
    CHECK_OK(tcgetattr(fd, &settings));
    cfmakeraw(&settings);
    settings.c_cc[VMIN] = min;
    settings.c_cc[VTIME] = time;
    CHECK_OK(tcsetattr(fd, TCSANOW, &settings));
    long before = monotonic_milliseconds();
    CHECK_IS(read(fd, &byte, 1), 0);
    return monotonic_milliseconds() - before;
}

int main(void) {
    struct termios before, after;
    fd = (int)CHECK_OK(open("/dev/tty", O_RDWR));
    CHECK_OK(tcgetattr(fd, &before));
    read_with(0, 0);
    CHECK(read_with(0, 2) >= 199);
    CHECK_OK(tcgetattr(fd, &after));
    CHECK_IS(after.c_lflag & (ICANON | ECHO | ISIG), 0);
    CHECK_IS(after.c_cc[VTIME], 2);
    CHECK_OK(tcsetattr(fd, TCSAFLUSH, &before));
    CHECK_OK(tcgetattr(fd, &after));
    CHECK_IS(memcmp(&before, &after, sizeof before), 0);
    return 0;
}
