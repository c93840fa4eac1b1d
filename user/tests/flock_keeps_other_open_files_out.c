// A lock of flock belongs to the open file, not to the process: descriptors that share it share the lock,
// other openings are kept out, and the lock goes with its last descriptor. Record locks are another thing.
#include <sys/file.h>

#include "check.h"

static int fd;

static void unlock_soon(void) {
    nap(50);
    CHECK_OK(flock(fd, LOCK_UN));
}

static int open_it(void) {
    return (int)CHECK_OK(open("file", O_RDWR));
}

int main(void) {
    enter_scratch();
    fd = new_file("file", "text");
    int other = open_it();
    CHECK_OK(flock(fd, LOCK_EX));
    CHECK_FAILS(flock(other, LOCK_EX | LOCK_NB), EAGAIN);
    CHECK_FAILS(flock(other, LOCK_SH | LOCK_NB), EAGAIN);
    CHECK_OK(flock(fd, LOCK_EX | LOCK_NB));
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    CHECK_OK(fcntl(other, F_SETLK, &record));

    // A child that shares the open file may unlock it, and whoever waits goes on.
    pid_t child = start_child(unlock_soon);
    CHECK_OK(flock(other, LOCK_EX));
    CHECK_IS(wait_for(child), 0);
    CHECK_FAILS(flock(fd, LOCK_SH | LOCK_NB), EAGAIN);

    // Shared: with others, but for who wants it alone; he then has nothing any more.
    CHECK_OK(flock(other, LOCK_SH));
    CHECK_OK(flock(fd, LOCK_SH | LOCK_NB));
    CHECK_FAILS(flock(fd, LOCK_EX | LOCK_NB), EAGAIN);
    CHECK_OK(flock(other, LOCK_EX | LOCK_NB));

    int copy = (int)CHECK_OK(dup(other));
    CHECK_OK(close(other));
    CHECK_FAILS(flock(fd, LOCK_SH | LOCK_NB), EAGAIN);
    CHECK_OK(close(copy));
    CHECK_OK(flock(fd, LOCK_EX | LOCK_NB));
    CHECK_FAILS(flock(fd, 0), EINVAL);
    CHECK_FAILS(flock(999, LOCK_SH | LOCK_EX), EINVAL);
    CHECK_FAILS(flock(999, LOCK_SH), EBADF);
    return 0;
}
