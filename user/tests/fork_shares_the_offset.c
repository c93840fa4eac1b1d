// Parent and child share the offsets of the files that were open at fork.
#include "check.h"

static int fd;

static void write_there(void) {
    CHECK_IS(write(fd, "child ", 6), 6);
}

int main(void) {
    enter_scratch();
    fd = new_file("file", "");
    CHECK_IS(write(fd, "parent ", 7), 7);
    CHECK_PASSES(write_there);
    CHECK_IS(write(fd, "parent", 6), 6);
    CHECK_TEXT(text_of("file"), "parent child parent");
    return 0;
}
