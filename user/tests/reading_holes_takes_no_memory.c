// Reading what was never written in a file of a file system in memory takes no frames: they would
// stay for as long as the file.
// goose-only: looks at goose's counters, and needs /dev in memory.
#include "counters.h"

#define PAGES 1000

int main(void) {
    static char bytes[PAGE];
    int fd = (int)CHECK_OK(open("/dev/hole", O_RDWR | O_CREAT | O_EXCL, 0600));
    CHECK_OK(unlink("/dev/hole"));
    CHECK_OK(ftruncate(fd, PAGES * PAGE));
    CHECK_IS(pwrite(fd, "end", 3, PAGES * PAGE - 3), 3);
    long before = free_frames();
    for (long i = 0; i < PAGES - 1; i++) {
        bytes[7] = 'x';
        CHECK_IS(pread(fd, bytes, PAGE, i * PAGE), PAGE);
        CHECK_IS(bytes[7], 0);
    }
    CHECK(before - free_frames() < 200);
    CHECK_IS(pread(fd, bytes, PAGE, (PAGES - 1) * PAGE), PAGE);
    CHECK(memcmp(bytes + PAGE - 3, "end", 3) == 0);
    return 0;
}
