// The name of the current folder changes when it, or one above it, is renamed; where it was removed
// getcwd fails with ENOENT.
#include "check.h"

static const char *end_of_cwd(size_t length) {
    static char path[4096];
    CHECK(getcwd(path, sizeof path));
    return path + strlen(path) - length;
}

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("outer", 0755));
    CHECK_OK(mkdir("outer/inner", 0755));
    CHECK_OK(chdir("outer/inner"));
    CHECK_TEXT(end_of_cwd(12), "/outer/inner");
    char path[4096];
    CHECK_FAILS(syscall(SYS_getcwd, path, 5), ERANGE);
    CHECK_OK(rename("../../outer", "../../other"));
    CHECK_TEXT(end_of_cwd(12), "/other/inner");
    CHECK_OK(rename("../inner", "../../moved"));
    CHECK_TEXT(end_of_cwd(6), "/moved");
    CHECK_OK(rmdir("../moved"));
    CHECK_FAILS(syscall(SYS_getcwd, path, sizeof path), ENOENT);
    CHECK_FAILS(open("file", O_WRONLY | O_CREAT, 0644), ENOENT);
    return 0;
}
