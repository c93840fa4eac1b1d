// access answers whether a path leads somewhere, and an x permission that nobody has is missing
// even for root.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "");
    CHECK_OK(access("file", F_OK));
    CHECK_OK(access("file", R_OK | W_OK));
    CHECK_FAILS(access("file", X_OK), EACCES);
    CHECK_OK(chmod("file", 0755));
    CHECK_OK(access("file", X_OK));
    CHECK_FAILS(access("missing", F_OK), ENOENT);
    CHECK_FAILS(access("file/x", F_OK), ENOTDIR);
    CHECK_OK(symlink("missing", "dangling"));
    CHECK_FAILS(access("dangling", F_OK), ENOENT);
    return 0;
}
