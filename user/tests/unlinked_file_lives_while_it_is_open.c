// A file without a name stays readable and writable until its last descriptor is closed.
#include "check.h"

int main(void) {
    enter_scratch();
    struct stat status;
    int fd = new_file("file", "bytes");
    CHECK_OK(unlink("file"));
    CHECK_FAILS(access("file", F_OK), ENOENT);
    make_file("file", "another");
    CHECK_OK(fstat(fd, &status));
    CHECK_IS(status.st_nlink, 0);
    CHECK_IS(pwrite(fd, " more", 5, 5), 5);
    char text[16] = "";
    CHECK_IS(read(fd, text, sizeof text), 10);
    CHECK_TEXT(text, "bytes more");
    CHECK_TEXT(text_of("file"), "another");
    return 0;
}
