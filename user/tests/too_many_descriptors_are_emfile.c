// At the limit of open files open, dup and pipe fail with EMFILE, pipe without leaving half of one;
// after a close they work again.
#include <sys/resource.h>

#include "check.h"

int main(void) {
    struct rlimit limit;
    CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 64;
    CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
    int fd, last = -1;
    while ((fd = open("/", O_RDONLY)) >= 0) last = fd;
    CHECK_IS(errno, EMFILE);
    CHECK_IS(last, 63);
    CHECK_FAILS(dup(0), EMFILE);
    CHECK_FAILS(fcntl(0, F_DUPFD, 10), EMFILE);
    int ends[2];
    CHECK_FAILS(pipe(ends), EMFILE);
    CHECK_OK(close(20));
    CHECK_FAILS(pipe(ends), EMFILE);
    CHECK_IS(open("/", O_RDONLY), 20);
    return 0;
}
