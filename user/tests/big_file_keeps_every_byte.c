// A file of three megabytes, written and read in pieces of odd sizes, holds every byte in its
// place, also when fsync has put it on the disk.
#include "check.h"

#define TOTAL (3l << 20)

static unsigned char byte_at(long at) {
    return (unsigned char)(at * 17 + at / 1000);
}

static void look(int fd, long step) {
    static unsigned char bytes[20000];
    CHECK_IS(lseek(fd, 0, SEEK_SET), 0);
    long at = 0, count;
    while ((count = CHECK_OK(read(fd, bytes, (size_t)step))) > 0) {
        for (long i = 0; i < count; i++) CHECK_IS(bytes[i], byte_at(at + i));
        at += count;
    }
    CHECK_IS(at, TOTAL);
}

int main(void) {
    static unsigned char bytes[7777];
    enter_scratch();
    int fd = new_file("file", "");
    for (long at = 0; at < TOTAL;) {
        long size = TOTAL - at < 7777 ? TOTAL - at : 7777;
        for (long i = 0; i < size; i++) bytes[i] = byte_at(at + i);
        CHECK_IS(write(fd, bytes, (size_t)size), size);
        at += size;
    }
    look(fd, 4096);
    CHECK_OK(fsync(fd));
    look(fd, 19999);
    return 0;
}
