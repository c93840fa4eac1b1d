// O_CREAT with O_EXCL makes a new file or fails with EEXIST, also on a symbolic link to nothing.
#include "check.h"

int main(void) {
    enter_scratch();
    int flags = O_WRONLY | O_CREAT | O_EXCL;
    CHECK_OK(open("new", flags, 0644));
    CHECK_FAILS(open("new", flags, 0644), EEXIST);
    CHECK_OK(symlink("nothing", "link"));
    CHECK_FAILS(open("link", flags, 0644), EEXIST);
    CHECK_FAILS(access("nothing", F_OK), ENOENT);
    CHECK_OK(open("link", O_WRONLY | O_CREAT, 0644));
    CHECK_OK(access("nothing", F_OK));
    return 0;
}
