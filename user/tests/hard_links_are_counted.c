// Two names of one file are the same file; st_nlink counts them, and the last one takes it along.
#include "check.h"

static long links_of(const char *path) {
    struct stat status;
    CHECK_OK(stat(path, &status));
    return status.st_nlink;
}

int main(void) {
    enter_scratch();
    make_file("one", "text");
    CHECK_IS(links_of("one"), 1);
    CHECK_OK(link("one", "two"));
    CHECK_OK(link("two", "three"));
    CHECK_IS(links_of("one"), 3);
    int fd = (int)CHECK_OK(open("three", O_WRONLY));
    CHECK_IS(write(fd, "TEXT", 4), 4);
    CHECK_TEXT(text_of("one"), "TEXT");
    CHECK_OK(unlink("one"));
    CHECK_IS(links_of("two"), 2);
    CHECK_TEXT(text_of("two"), "TEXT");
    CHECK_OK(mkdir("folder", 0755));
    CHECK_FAILS(link("folder", "x"), EPERM);
    CHECK_FAILS(link("two", "three"), EEXIST);
    return 0;
}
