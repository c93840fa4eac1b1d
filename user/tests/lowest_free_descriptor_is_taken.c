// open, dup, pipe and F_DUPFD take the lowest number that is free, F_DUPFD from a given one on.
#include "check.h"

int main(void) {
    for (int fd = 3; fd < 40; fd++) close(fd);
    CHECK_IS(open("/", O_RDONLY), 3);
    CHECK_IS(dup(3), 4);
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_IS(ends[0], 5);
    CHECK_IS(ends[1], 6);
    CHECK_OK(close(4));
    CHECK_IS(open("/", O_RDONLY), 4);
    CHECK_IS(fcntl(3, F_DUPFD, 20), 20);
    CHECK_IS(fcntl(3, F_DUPFD, 20), 21);
    CHECK_IS(fcntl(3, F_DUPFD, 0), 7);
    CHECK_FAILS(fcntl(3, F_DUPFD, -1), EINVAL);
    return 0;
}
