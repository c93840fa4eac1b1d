// ftruncate cuts a file, and makes it longer with zeroes, not with what had been there.
#include "check.h"

int main(void) {
    static char bytes[3 * PAGE];
    enter_scratch();
    int fd = new_file("file", "");
    memset(bytes, 'x', sizeof bytes);
    CHECK_IS(write(fd, bytes, sizeof bytes), sizeof bytes);
    CHECK_OK(ftruncate(fd, PAGE + 10));
    CHECK_IS(lseek(fd, 0, SEEK_END), PAGE + 10);
    CHECK_IS(pread(fd, bytes, sizeof bytes, 0), PAGE + 10);
    CHECK_OK(ftruncate(fd, 3 * PAGE));
    CHECK_IS(pread(fd, bytes, sizeof bytes, 0), 3 * PAGE);
    for (int i = 0; i < 3 * PAGE; i++) CHECK_IS(bytes[i], i < PAGE + 10 ? 'x' : 0);
    CHECK_OK(truncate("file", 0));
    CHECK_IS(lseek(fd, 0, SEEK_END), 0);
    CHECK_FAILS(ftruncate(fd, -1), EINVAL);
    return 0;
}
