// stat gives type, size, mode and a number that no other file of its file system has.
#include "check.h"

int main(void) {
    enter_scratch();
    struct stat a, b, folder, by_fd;
    int fd = new_file("a", "five!");
    make_file("b", "");
    CHECK_OK(mkdir("folder", 0700));
    CHECK_OK(stat("a", &a));
    CHECK_OK(stat("b", &b));
    CHECK_OK(stat("folder", &folder));
    CHECK(S_ISREG(a.st_mode) && S_ISREG(b.st_mode) && S_ISDIR(folder.st_mode));
    CHECK_IS(a.st_size, 5);
    CHECK_IS(b.st_size, 0);
    CHECK_IS(folder.st_mode & 0777, 0700);
    CHECK_IS(a.st_dev, b.st_dev);
    CHECK(a.st_ino != b.st_ino && a.st_ino != folder.st_ino && b.st_ino != folder.st_ino);
    CHECK_IS(a.st_uid, geteuid());
    CHECK(a.st_blksize > 0);
    CHECK_OK(fstat(fd, &by_fd));
    CHECK_IS(by_fd.st_ino, a.st_ino);
    struct statx more;
    CHECK_OK(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &more));
    CHECK_IS(more.stx_ino, a.st_ino);
    CHECK_IS(more.stx_size, 5);
    CHECK_IS(more.stx_mode, a.st_mode);
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_OK(fstatat(ends[0], "", &by_fd, AT_EMPTY_PATH));
    CHECK(S_ISFIFO(by_fd.st_mode));
    return 0;
}
