// Descriptors made by dup share one offset; descriptors of two opens do not.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "0123456789");
    int copy = (int)CHECK_OK(dup(fd));
    int other = (int)CHECK_OK(open("file", O_RDONLY));
    char byte;
    CHECK_IS(lseek(fd, 4, SEEK_SET), 4);
    CHECK_IS(read(copy, &byte, 1), 1);
    CHECK_IS(byte, '4');
    CHECK_IS(lseek(fd, 0, SEEK_CUR), 5);
    CHECK_IS(read(other, &byte, 1), 1);
    CHECK_IS(byte, '0');
    CHECK_OK(close(fd));
    CHECK_IS(read(copy, &byte, 1), 1);
    CHECK_IS(byte, '5');
    return 0;
}
