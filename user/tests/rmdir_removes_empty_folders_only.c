// rmdir refuses a folder with names in it, a file, and "."; unlink refuses folders.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    make_file("folder/file", "");
    make_file("file", "");
    CHECK_FAILS(rmdir("folder"), ENOTEMPTY);
    CHECK_FAILS(rmdir("file"), ENOTDIR);
    CHECK_FAILS(rmdir("."), EINVAL);
    CHECK_FAILS(rmdir("missing"), ENOENT);
    CHECK_FAILS(unlink("folder"), EISDIR);
    CHECK_FAILS(mkdir("folder", 0755), EEXIST);
    CHECK_FAILS(mkdir("file", 0755), EEXIST);
    CHECK_OK(unlink("folder/file"));
    CHECK_OK(rmdir("folder"));
    CHECK_FAILS(access("folder", F_OK), ENOENT);
    return 0;
}
