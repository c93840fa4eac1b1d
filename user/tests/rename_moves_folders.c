// A folder can be renamed to another parent, with what is in it, and over an empty folder; its ".."
// is the new parent then.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("a", 0755));
    CHECK_OK(mkdir("b", 0755));
    CHECK_OK(mkdir("a/moved", 0755));
    make_file("a/moved/file", "inside");
    CHECK_OK(mkdir("b/empty", 0755));
    CHECK_OK(rename("a/moved", "b/empty"));
    CHECK_TEXT(text_of("b/empty/file"), "inside");
    CHECK_FAILS(access("a/moved", F_OK), ENOENT);
    struct stat parent, b;
    CHECK_OK(stat("b/empty/..", &parent));
    CHECK_OK(stat("b", &b));
    CHECK_IS(parent.st_ino, b.st_ino);
    return 0;
}
