// A call on a descriptor that is not open answers EBADF, whatever its number.
#include "check.h"

int main(void) {
    int closed = (int)CHECK_OK(dup(0));
    CHECK_OK(close(closed));
    int bad[] = {closed, -1, 500, 1 << 20, 0x7fffffff, (int)0x80000000};
    for (unsigned i = 0; i < COUNT_OF(bad); i++) {
        char byte = 'x';
        struct stat status;
        CHECK_FAILS(read(bad[i], &byte, 1), EBADF);
        CHECK_FAILS(write(bad[i], &byte, 1), EBADF);
        CHECK_FAILS(close(bad[i]), EBADF);
        CHECK_FAILS(dup(bad[i]), EBADF);
        CHECK_FAILS(dup3(bad[i], 100, 0), EBADF);
        CHECK_FAILS(lseek(bad[i], 0, SEEK_SET), EBADF);
        CHECK_FAILS(fstat(bad[i], &status), EBADF);
        CHECK_FAILS(fcntl(bad[i], F_GETFL), EBADF);
        CHECK_FAILS(fchdir(bad[i]), EBADF);
        CHECK_FAILS(ftruncate(bad[i], 0), EBADF);
        CHECK_FAILS(fsync(bad[i]), EBADF);
    }
    CHECK_FAILS(openat(closed, "file", O_RDONLY), EBADF);
    return 0;
}
