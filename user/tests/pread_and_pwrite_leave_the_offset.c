// pread and pwrite work at the given offset and leave the descriptor's alone.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "0123456789");
    char text[4] = "";
    CHECK_IS(lseek(fd, 2, SEEK_SET), 2);
    CHECK_IS(pread(fd, text, 3, 6), 3);
    CHECK_TEXT(text, "678");
    CHECK_IS(pwrite(fd, "ab", 2, 8), 2);
    CHECK_IS(pread(fd, text, 3, 10), 0);
    CHECK_IS(lseek(fd, 0, SEEK_CUR), 2);
    CHECK_IS(read(fd, text, 3), 3);
    CHECK_TEXT(text, "234");
    CHECK_TEXT(text_of("file"), "01234567ab");
    CHECK_FAILS(pread(fd, text, 1, -1), EINVAL);
    return 0;
}
