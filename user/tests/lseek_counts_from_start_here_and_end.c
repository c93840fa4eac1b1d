// lseek counts from the start, the offset or the end, goes past the end but not before the start.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "0123456789");
    char byte;
    CHECK_IS(lseek(fd, 4, SEEK_SET), 4);
    CHECK_IS(lseek(fd, 3, SEEK_CUR), 7);
    CHECK_IS(read(fd, &byte, 1), 1);
    CHECK_IS(byte, '7');
    CHECK_IS(lseek(fd, -2, SEEK_CUR), 6);
    CHECK_IS(lseek(fd, -3, SEEK_END), 7);
    CHECK_IS(lseek(fd, 100, SEEK_END), 110);
    CHECK_IS(read(fd, &byte, 1), 0);
    CHECK_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_FAILS(lseek(fd, -111, SEEK_CUR), EINVAL);
    CHECK_FAILS(lseek(fd, 0, 77), EINVAL);
    CHECK_IS(lseek(fd, 0, SEEK_CUR), 110);
    return 0;
}
