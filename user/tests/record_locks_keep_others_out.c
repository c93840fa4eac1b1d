// A range of a file that one process has locked is refused to others, who learn the owner; the lock
// goes when its process closes the file, also by dup2.
#include "check.h"

static int fd;
static pid_t owner;

static struct flock range(short type, long start, long length) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static void try_to_lock(void) {
    struct flock lock = range(F_WRLCK, 5, 10);
    int result = fcntl(fd, F_SETLK, &lock);
    CHECK(result == -1 && (errno == EAGAIN || errno == EACCES));
    CHECK_OK(fcntl(fd, F_GETLK, &lock));
    CHECK_IS(lock.l_type, F_WRLCK);
    CHECK_IS(lock.l_pid, owner);
    CHECK_IS(lock.l_start, 0);
    CHECK_IS(lock.l_len, 10);
    lock = range(F_WRLCK, 10, 10);
    CHECK_OK(fcntl(fd, F_SETLK, &lock));
}

static void lock_all(void) {
    struct flock lock = range(F_WRLCK, 0, 0);
    CHECK_OK(fcntl(fd, F_SETLK, &lock));
}

int main(void) {
    enter_scratch();
    owner = getpid();
    fd = new_file("file", "a file to lock");
    struct flock lock = range(F_WRLCK, 0, 10);
    CHECK_OK(fcntl(fd, F_SETLK, &lock));
    CHECK_OK(fcntl(fd, F_SETLK, &lock));
    CHECK_PASSES(try_to_lock);
    lock = range(F_UNLCK, 0, 10);
    CHECK_FAILS(fcntl(fd, F_GETLK, &lock), EINVAL);
    lock = range(F_WRLCK, 0, 10);
    CHECK_OK(close((int)CHECK_OK(open("file", O_RDONLY))));
    CHECK_PASSES(lock_all);
    CHECK_OK(fcntl(fd, F_SETLK, &lock));
    int other = (int)CHECK_OK(open("file", O_RDONLY));
    CHECK_OK(dup2(STDOUT_FILENO, other));
    CHECK_PASSES(lock_all);
    return 0;
}
