// No file has extended attributes: the list is empty, and none can be read, set or removed.
// goose-only: Linux's ext2 and tmpfs keep them
#include "check.h"

int main(void) {
    char list[64];
    int fd = open("file", O_CREAT | O_RDWR, 0644);
    CHECK_OK(fd);
    CHECK_OK(symlink("nowhere", "link"));
    CHECK_IS(syscall(SYS_listxattr, "file", list, sizeof list), 0);
    CHECK_IS(syscall(SYS_llistxattr, "link", list, sizeof list), 0);
    CHECK_IS(syscall(SYS_flistxattr, fd, NULL, 0), 0);
    CHECK_FAILS(syscall(SYS_listxattr, "link", list, sizeof list), ENOENT);
    CHECK_FAILS(syscall(SYS_flistxattr, 99, list, sizeof list), EBADF);
    CHECK_FAILS(syscall(SYS_getxattr, "file", "user.colour", list, sizeof list), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_getxattr, "link", "user.colour", list, sizeof list), ENOENT);
    CHECK_FAILS(syscall(SYS_lgetxattr, "link", "user.colour", list, sizeof list), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_fgetxattr, fd, "", list, sizeof list), ERANGE);
    CHECK_FAILS(syscall(SYS_fgetxattr, fd, (char *)16, list, sizeof list), EFAULT);
    CHECK_FAILS(syscall(SYS_setxattr, "file", "user.colour", "grey", 4, 0), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_fremovexattr, fd, "user.colour"), EOPNOTSUPP);
    return 0;
}
