// rename puts a file under another name at once, in place of a file that is there; descriptors of
// the old one keep it.
#include "check.h"

int main(void) {
    enter_scratch();
    struct stat before, after, replaced;
    make_file("new", "new text");
    int old = new_file("target", "old text");
    CHECK_OK(stat("new", &before));
    CHECK_OK(rename("new", "target"));
    CHECK_FAILS(access("new", F_OK), ENOENT);
    CHECK_TEXT(text_of("target"), "new text");
    CHECK_OK(stat("target", &after));
    CHECK_IS(after.st_ino, before.st_ino);
    CHECK_OK(fstat(old, &replaced));
    CHECK_IS(replaced.st_nlink, 0);
    char text[16] = "";
    CHECK_IS(read(old, text, sizeof text), 8);
    CHECK_TEXT(text, "old text");
    return 0;
}
