// After a file was cut inside a page, a write further on finds zeroes in between.
#include "check.h"

int main(void) {
    char bytes[300];
    enter_scratch();
    int fd = new_file("file", "");
    memset(bytes, 'x', sizeof bytes);
    CHECK_IS(write(fd, bytes, sizeof bytes), sizeof bytes);
    CHECK_OK(ftruncate(fd, 100));
    CHECK_IS(pwrite(fd, "end", 3, 200), 3);
    CHECK_IS(pread(fd, bytes, sizeof bytes, 0), 203);
    for (int i = 0; i < 200; i++) CHECK_IS(bytes[i], i < 100 ? 'x' : 0);
    CHECK(memcmp(bytes + 200, "end", 3) == 0);
    return 0;
}
