// A mapping of a file that is moved still is the file, and the child's.
#include "check.h"

static char *moved;

static void writes(void) {
    moved[5 * PAGE] = 'c';
}

int main(void) {
    enter_scratch();
    int fd = new_file("file", "goose");
    CHECK_OK(ftruncate(fd, 8 * PAGE));
    char *mapped =
        (char *)CHECK_OK((long)mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    mapped[PAGE] = 'x';
    CHECK_IS((long)mmap(mapped + 2 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                        -1, 0),
             (long)(mapped + 2 * PAGE));
    moved = (char *)CHECK_OK((long)mremap(mapped, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
    CHECK_TEXT(moved, "goose");
    CHECK_IS(moved[PAGE], 'x');
    CHECK_PASSES(writes);
    CHECK_IS(moved[5 * PAGE], 'c');
    char byte;
    CHECK_IS(pread(fd, &byte, 1, 5 * PAGE), 1);
    CHECK_IS(byte, 'c');
    return 0;
}
