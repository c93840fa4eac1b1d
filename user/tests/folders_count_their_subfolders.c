// st_nlink of a folder is two and one for each folder in it, after mkdir, rmdir and rename.
#include "check.h"

static long links_of(const char *path) {
    struct stat status;
    CHECK_OK(stat(path, &status));
    return status.st_nlink;
}

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("a", 0755));
    CHECK_OK(mkdir("b", 0755));
    CHECK_IS(links_of("a"), 2);
    CHECK_OK(mkdir("a/x", 0755));
    CHECK_OK(mkdir("a/y", 0755));
    make_file("a/file", "");
    CHECK_IS(links_of("a"), 4);
    CHECK_OK(rename("a/x", "b/x"));
    CHECK_IS(links_of("a"), 3);
    CHECK_IS(links_of("b"), 3);
    CHECK_OK(rmdir("a/y"));
    CHECK_IS(links_of("a"), 2);
    return 0;
}
