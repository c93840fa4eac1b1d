// Bytes of a file that were never written read as zero and take no room on the disk.
#include "check.h"

int main(void) {
    static char bytes[3 * PAGE];
    enter_scratch();
    int fd = new_file("file", "start");
    CHECK_IS(pwrite(fd, "end", 3, 1000000), 3);
    struct stat status;
    CHECK_OK(fstat(fd, &status));
    CHECK_IS(status.st_size, 1000003);
    CHECK(status.st_blocks * 512 < 100000);
    CHECK_IS(pread(fd, bytes, sizeof bytes, 0), sizeof bytes);
    CHECK(memcmp(bytes, "start", 5) == 0);
    for (unsigned i = 5; i < sizeof bytes; i++) CHECK_IS(bytes[i], 0);
    CHECK_IS(pread(fd, bytes, sizeof bytes, 1000000 - PAGE), PAGE + 3);
    for (unsigned i = 0; i < PAGE; i++) CHECK_IS(bytes[i], 0);
    CHECK(memcmp(bytes + PAGE, "end", 3) == 0);
    return 0;
}
