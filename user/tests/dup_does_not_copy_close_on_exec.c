// The mark close-on-exec belongs to one descriptor: dup and dup2 make copies without it.
#include "check.h"

int main(void) {
    int fd = (int)CHECK_OK(open("/", O_RDONLY | O_CLOEXEC));
    CHECK_IS(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_IS(fcntl(dup(fd), F_GETFD), 0);
    CHECK_IS(fcntl(dup2(fd, 30), F_GETFD), 0);
    CHECK_IS(fcntl(fcntl(fd, F_DUPFD, 31), F_GETFD), 0);
    CHECK_IS(fcntl(fcntl(fd, F_DUPFD_CLOEXEC, 31), F_GETFD), FD_CLOEXEC);
    CHECK_IS(fcntl(dup3(fd, 40, O_CLOEXEC), F_GETFD), FD_CLOEXEC);
    CHECK_OK(fcntl(fd, F_SETFD, 0));
    CHECK_IS(fcntl(fd, F_GETFD), 0);
    CHECK_IS(fcntl(40, F_GETFD), FD_CLOEXEC);
    return 0;
}
