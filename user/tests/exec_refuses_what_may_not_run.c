// execve refuses a folder and a file without an x permission (EACCES), a missing file (ENOENT) and
// a path through a file (ENOTDIR), and the caller lives on.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    make_file("file", "#!/bin/sh\nexit 1\n");
    CHECK_FAILS(execl("./folder", "x", NULL), EACCES);
    CHECK_FAILS(execl("./file", "x", NULL), EACCES);
    CHECK_FAILS(execl("./missing", "x", NULL), ENOENT);
    CHECK_FAILS(execl("", "x", NULL), ENOENT);
    CHECK_FAILS(execl("./file/x", "x", NULL), ENOTDIR);
    make_file("script", "#!/no/such/interpreter\n");
    CHECK_OK(chmod("script", 0755));
    CHECK_FAILS(execl("./script", "x", NULL), ENOENT);
    return 0;
}
