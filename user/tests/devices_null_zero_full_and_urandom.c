// /dev/null swallows all and is empty, /dev/zero gives zeroes, /dev/full has no room, /dev/urandom
// gives other bytes each time.
#include "check.h"

static int device(const char *path) {
    int fd = (int)CHECK_OK(open(path, O_RDWR));
    struct stat status;
    CHECK_OK(fstat(fd, &status));
    CHECK(S_ISCHR(status.st_mode));
    return fd;
}

int main(void) {
    static char bytes[2 * PAGE], more[2 * PAGE];
    int null = device("/dev/null"), zero = device("/dev/zero"), full = device("/dev/full");
    CHECK_IS(write(null, bytes, sizeof bytes), sizeof bytes);
    CHECK_IS(read(null, bytes, sizeof bytes), 0);
    memset(bytes, 'x', sizeof bytes);
    CHECK_IS(read(zero, bytes, sizeof bytes), sizeof bytes);
    for (unsigned i = 0; i < sizeof bytes; i++) CHECK_IS(bytes[i], 0);
    CHECK_IS(write(zero, bytes, 10), 10);
    CHECK_FAILS(write(full, bytes, 1), ENOSPC);
    CHECK_IS(read(full, bytes, 10), 10);
    int random = (int)CHECK_OK(open("/dev/urandom", O_RDONLY));
    CHECK_IS(read(random, bytes, 32), 32);
    CHECK_IS(read(random, more, 32), 32);
    CHECK(memcmp(bytes, more, 32) != 0);
    return 0;
}
