// The calls that take a folder's descriptor start relative paths there, and absolute ones at the
// root.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    int folder = (int)CHECK_OK(open("folder", O_RDONLY | O_DIRECTORY));
    CHECK_OK(close((int)CHECK_OK(openat(folder, "file", O_WRONLY | O_CREAT, 0644))));
    CHECK_OK(access("folder/file", F_OK));
    CHECK_OK(mkdirat(folder, "sub", 0755));
    CHECK_OK(renameat(folder, "file", AT_FDCWD, "moved"));
    CHECK_OK(linkat(AT_FDCWD, "moved", folder, "linked", 0));
    CHECK_OK(symlinkat("linked", folder, "symbolic"));
    struct stat status;
    CHECK_OK(fstatat(folder, "symbolic", &status, 0));
    CHECK(S_ISREG(status.st_mode));
    CHECK_IS(status.st_nlink, 2);
    CHECK_OK(fstatat(folder, "symbolic", &status, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(status.st_mode));
    CHECK_OK(unlinkat(folder, "linked", 0));
    CHECK_OK(unlinkat(folder, "sub", AT_REMOVEDIR));
    CHECK_FAILS(unlinkat(folder, "sub", 0), ENOENT);
    CHECK_OK(openat(folder, "/", O_RDONLY));
    int file = (int)CHECK_OK(open("moved", O_RDONLY));
    CHECK_FAILS(openat(file, "x", O_RDONLY), ENOTDIR);
    return 0;
}
