// rename refuses a folder into itself (EINVAL), over a folder that is not empty (ENOTEMPTY), a file
// over a folder (EISDIR), a folder over a file (ENOTDIR), and with RENAME_NOREPLACE what exists.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("a", 0755));
    CHECK_OK(mkdir("a/b", 0755));
    CHECK_OK(mkdir("full", 0755));
    make_file("full/file", "");
    make_file("file", "text");
    make_file("other", "");
    CHECK_FAILS(rename("a", "a/b/c"), EINVAL);
    CHECK_FAILS(rename("a", "a/c"), EINVAL);
    int result = rename("a", "full");
    CHECK(result == -1 && (errno == ENOTEMPTY || errno == EEXIST));
    CHECK_FAILS(rename("file", "a"), EISDIR);
    CHECK_FAILS(rename("a", "file"), ENOTDIR);
    CHECK_FAILS(rename("missing", "x"), ENOENT);
    CHECK_FAILS(renameat2(AT_FDCWD, "file", AT_FDCWD, "other", RENAME_NOREPLACE), EEXIST);
    CHECK_OK(renameat2(AT_FDCWD, "file", AT_FDCWD, "third", RENAME_NOREPLACE));
    CHECK_TEXT(text_of("third"), "text");
    return 0;
}
