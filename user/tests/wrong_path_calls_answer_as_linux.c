// Calls on paths with wrong arguments: which error, and which of several comes first.
// not-on-qemu-user: it looks at pointers itself, before anything else
#include <sys/statfs.h>

#include "questions.h"

static char buffer[4096], long_name[300], long_path[5000];
static int file, folder;

static void opening(void) {
    ASK(-EFAULT, openat, AT_FDCWD, BAD, O_RDONLY);
    ASK(-EFAULT, openat, 999, 0, O_RDONLY);
    ASK(-EBADF, openat, 999, P("file"), O_RDONLY);
    ASK(-ENOTDIR, openat, file, P("file"), O_RDONLY);
    ASK(-ENOENT, openat, AT_FDCWD, P(""), O_RDONLY);
    ASK(-ENOENT, openat, 999, P(""), O_RDONLY);
    ASK(-ENAMETOOLONG, openat, AT_FDCWD, P(long_name), O_RDONLY);
    ASK(-ENAMETOOLONG, openat, 999, P(long_path), O_RDONLY);
    ASK(-ENOTDIR, openat, AT_FDCWD, P("file/"), O_RDONLY);
    ASK(-ENOTDIR, openat, AT_FDCWD, P("file/x"), O_RDONLY);
    ASK(-ENOTDIR, openat, AT_FDCWD, P("file"), O_RDONLY | O_DIRECTORY);
    ASK(-EISDIR, openat, AT_FDCWD, P("folder"), O_WRONLY);
    ASK(-EISDIR, openat, AT_FDCWD, P("folder"), O_RDONLY | O_CREAT, 0644);
    ASK(-EISDIR, openat, AT_FDCWD, P("new/"), O_RDONLY | O_CREAT, 0644);
    ASK(-EEXIST, openat, AT_FDCWD, P("folder"), O_RDONLY | O_CREAT | O_EXCL, 0644);
    ASK(-EEXIST, openat, AT_FDCWD, P("dangling"), O_RDONLY | O_CREAT | O_EXCL, 0644);
    ASK(-ENOENT, openat, AT_FDCWD, P("none/new"), O_RDONLY | O_CREAT, 0644);
    ASK(-ELOOP, openat, AT_FDCWD, P("dangling"), O_RDONLY | O_NOFOLLOW);
    ASK(-ELOOP, openat, AT_FDCWD, P("loop"), O_RDONLY);
    ASK(-ENOTDIR, openat, AT_FDCWD, P("link"), O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
    ASK(-EINVAL, openat, AT_FDCWD, P("file"), O_RDONLY | O_TMPFILE);
}

static void making(void) {
    ASK(-EFAULT, mkdirat, AT_FDCWD, BAD, 0755);
    ASK(-EBADF, mkdirat, 999, P("x"), 0755);
    ASK(-ENOENT, mkdirat, AT_FDCWD, P(""), 0755);
    ASK(-EEXIST, mkdirat, AT_FDCWD, P("file"), 0755);
    ASK(-EEXIST, mkdirat, AT_FDCWD, P("/"), 0755);
    ASK(-EEXIST, mkdirat, AT_FDCWD, P("folder/."), 0755);
    ASK(-EEXIST, mkdirat, AT_FDCWD, P("dangling"), 0755);
    ASK(-ENOENT, mkdirat, AT_FDCWD, P("none/x"), 0755);
    ASK(-ENOTDIR, mkdirat, AT_FDCWD, P("file/x"), 0755);
    ASK(-ENAMETOOLONG, mkdirat, AT_FDCWD, P(long_name), 0755);
    ASK(-EFAULT, mknodat, AT_FDCWD, BAD, S_IFREG | 0644, 0);
    ASK(-EINVAL, mknodat, AT_FDCWD, P("x"), 0170000, 0);
    ASK(-EPERM, mknodat, AT_FDCWD, P("x"), S_IFDIR | 0755, 0);
    ASK(-EEXIST, mknodat, AT_FDCWD, P("file"), S_IFREG | 0644, 0);
    ASK(-ENOENT, mknodat, AT_FDCWD, P("x/"), S_IFREG | 0644, 0);
    ASK(-EFAULT, symlinkat, BAD, AT_FDCWD, P("x"));
    ASK(-EFAULT, symlinkat, P("x"), AT_FDCWD, BAD);
    ASK(-ENOENT, symlinkat, P(""), AT_FDCWD, P("x"));
    ASK(-EEXIST, symlinkat, P("x"), AT_FDCWD, P("file"));
    ASK(-EBADF, symlinkat, P("x"), 999, P("y"));
    ASK(-ENOENT, symlinkat, P("x"), AT_FDCWD, P("y/"));
    ASK(-ENAMETOOLONG, symlinkat, P(long_path), AT_FDCWD, P("y"));
    ASK(-EINVAL, linkat, AT_FDCWD, P("file"), AT_FDCWD, P("y"), 1);
    ASK(-EINVAL, linkat, 999, BAD, AT_FDCWD, BAD, 1);
    ASK(-ENOENT, linkat, AT_FDCWD, P("none"), AT_FDCWD, P("y"), 0);
    ASK(-EFAULT, linkat, AT_FDCWD, P("file"), AT_FDCWD, BAD, 0);
    ASK(-EBADF, linkat, AT_FDCWD, P("file"), 999, P("y"), 0);
    ASK(-EEXIST, linkat, AT_FDCWD, P("file"), AT_FDCWD, P("folder"), 0);
    ASK(-EPERM, linkat, AT_FDCWD, P("folder"), AT_FDCWD, P("y"), 0);
    ASK(-EEXIST, linkat, AT_FDCWD, P("folder"), AT_FDCWD, P("file"), 0);
    ASK(-ENOENT, linkat, AT_FDCWD, P("file"), AT_FDCWD, P("y/"), 0);
}

static void removing(void) {
    ASK(-EINVAL, unlinkat, AT_FDCWD, P("file"), 1);
    ASK(-EINVAL, unlinkat, 999, BAD, 1);
    ASK(-EFAULT, unlinkat, AT_FDCWD, BAD, 0);
    ASK(-EBADF, unlinkat, 999, P("file"), 0);
    ASK(-EISDIR, unlinkat, AT_FDCWD, P("folder"), 0);
    ASK(-ENOTDIR, unlinkat, AT_FDCWD, P("file"), AT_REMOVEDIR);
    ASK(-ENOTDIR, unlinkat, AT_FDCWD, P("file/"), 0);
    ASK(-ENOENT, unlinkat, AT_FDCWD, P("none/"), 0);
    ASK(-EISDIR, unlinkat, AT_FDCWD, P("folder/"), 0);
    ASK(-ENOTEMPTY, unlinkat, AT_FDCWD, P("full"), AT_REMOVEDIR);
    ASK(-EINVAL, unlinkat, AT_FDCWD, P("folder/."), AT_REMOVEDIR);
    ASK(-ENOTEMPTY, unlinkat, AT_FDCWD, P("folder/.."), AT_REMOVEDIR);
    ASK(-EISDIR, unlinkat, AT_FDCWD, P("folder/."), 0);
    ASK(-EBUSY, unlinkat, AT_FDCWD, P("/"), AT_REMOVEDIR);
    ASK(-EISDIR, unlinkat, AT_FDCWD, P("/"), 0);
    ASK(-EINVAL, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("y"), 128);
    ASK(-EINVAL, renameat2, AT_FDCWD, BAD, AT_FDCWD, BAD, 3);
    ASK(-EFAULT, renameat2, AT_FDCWD, BAD, AT_FDCWD, P("y"), 0);
    ASK(-EFAULT, renameat2, AT_FDCWD, P("none"), AT_FDCWD, BAD, 0);
    ASK(-ENOENT, renameat2, AT_FDCWD, P("none"), AT_FDCWD, P("y"), 0);
    ASK(-EBADF, renameat2, 999, P("file"), AT_FDCWD, P("y"), 0);
    ASK(-EISDIR, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("folder"), 0);
    ASK(-ENOTDIR, renameat2, AT_FDCWD, P("folder"), AT_FDCWD, P("file"), 0);
    ASK(-ENOTEMPTY, renameat2, AT_FDCWD, P("folder"), AT_FDCWD, P("full"), 0);
    ASK(-EINVAL, renameat2, AT_FDCWD, P("full"), AT_FDCWD, P("full/inside"), 0);
    ASK(-EBUSY, renameat2, AT_FDCWD, P("."), AT_FDCWD, P("y"), 0);
    ASK(-EBUSY, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("folder/.."), 0);
    ASK(-EBUSY, renameat2, AT_FDCWD, P("/"), AT_FDCWD, P("y"), 0);
    ASK(-EEXIST, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("folder"), RENAME_NOREPLACE);
    ASK(-ENOENT, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("none"), RENAME_EXCHANGE);
    ASK(-ENOTDIR, renameat2, AT_FDCWD, P("file"), AT_FDCWD, P("y/"), 0);
}

static void looking(void) {
    struct statx statx;
    ASK(-EFAULT, newfstatat, AT_FDCWD, BAD, P(buffer), 0);
    ASK(-EFAULT, newfstatat, AT_FDCWD, P("file"), BAD, 0);
    ASK(-EINVAL, newfstatat, AT_FDCWD, P("file"), P(buffer), 1);
    ASK(-EINVAL, newfstatat, 999, P("none"), BAD, 0x10000);
    ASK(-EBADF, newfstatat, 999, P("file"), P(buffer), 0);
    ASK(-EBADF, newfstatat, 999, P(""), P(buffer), AT_EMPTY_PATH);
    ASK(-ENOENT, newfstatat, AT_FDCWD, P(""), P(buffer), 0);
    ASK(0, newfstatat, file, P(""), P(buffer), AT_EMPTY_PATH);
    ASK(-EINVAL, statx, AT_FDCWD, P("file"), 0x6000, 0, P(&statx));
    ASK(-EINVAL, statx, AT_FDCWD, P("file"), 0, 0x80000000, P(&statx));
    ASK(-EINVAL, statx, AT_FDCWD, P("file"), 1, 0, P(&statx));
    ASK(-EFAULT, statx, AT_FDCWD, BAD, 0, 0, P(&statx));
    ASK(-EFAULT, statx, AT_FDCWD, P("file"), 0, 0x7ff, BAD);
    ASK(-EINVAL, faccessat, AT_FDCWD, P("file"), 8);
    ASK(-EFAULT, faccessat, AT_FDCWD, BAD, 0);
    ASK(-EINVAL, faccessat, 999, BAD, 8);
    ASK(-EBADF, faccessat, 999, P("file"), 0);
    ASK(-ENOENT, faccessat, AT_FDCWD, P("dangling"), 0);
    ASK(-EINVAL, faccessat2, AT_FDCWD, P("file"), 0, 1);
    ASK(0, faccessat2, AT_FDCWD, P("dangling"), 0, AT_SYMLINK_NOFOLLOW);
    ASK(0, faccessat2, file, P(""), R_OK, AT_EMPTY_PATH);
    ASK(-EINVAL, readlinkat, AT_FDCWD, P("link"), P(buffer), 0);
    ASK(-EINVAL, readlinkat, AT_FDCWD, BAD, BAD, -1);
    ASK(-EINVAL, readlinkat, AT_FDCWD, P("file"), BAD, 10);
    ASK(-ENOENT, readlinkat, AT_FDCWD, P("none"), BAD, 10);
    ASK(-EFAULT, readlinkat, AT_FDCWD, P("link"), BAD, 10);
    ASK(-ENOENT, readlinkat, AT_FDCWD, P(""), P(buffer), 10);
    ASK(-ENOENT, readlinkat, file, P(""), P(buffer), 10);
    ASK(2, readlinkat, AT_FDCWD, P("link"), P(buffer), 2);
    ASK(-EFAULT, statfs, BAD, P(buffer));
    ASK(-ENOENT, statfs, P("none"), BAD);
    ASK(-EFAULT, statfs, P("file"), BAD);
    ASK(-EFAULT, getcwd, BAD, 4096);
    ASK(-ERANGE, getcwd, P(buffer), 1);
    ASK(-ERANGE, getcwd, BAD, 0);
}

static void changing(void) {
    struct timespec bad[2] = {{0, 0}, {0, 1000000000}},
                    omit[2] = {{5, UTIME_OMIT}, {5, UTIME_OMIT}};
    ASK(-EFAULT, chdir, BAD);
    ASK(-ENOTDIR, chdir, P("file"));
    ASK(-ENOENT, chdir, P(""));
    ASK(-EFAULT, truncate, BAD, 0);
    ASK(-EINVAL, truncate, BAD, -1);
    ASK(-EISDIR, truncate, P("folder"), 0);
    ASK(-ENOENT, truncate, P("none"), 0);
    ASK(-EINVAL, truncate, P("/dev/null"), 0);
    ASK(-EFAULT, fchmodat, AT_FDCWD, BAD, 0644);
    ASK(-ENOENT, fchmodat, AT_FDCWD, P("none"), 0644);
    ASK(-EBADF, fchmodat, 999, P("file"), 0644);
    ASK(-EINVAL, fchownat, AT_FDCWD, P("file"), -1, -1, 1);
    ASK(-EINVAL, fchownat, 999, BAD, -1, -1, 1);
    ASK(-EFAULT, fchownat, AT_FDCWD, BAD, -1, -1, 0);
    ASK(0, fchownat, AT_FDCWD, P("dangling"), -1, -1, AT_SYMLINK_NOFOLLOW);
    ASK(-ENOENT, fchownat, AT_FDCWD, P("dangling"), -1, -1, 0);
    ASK(0, fchownat, file, P(""), -1, -1, AT_EMPTY_PATH);
    ASK(-EFAULT, utimensat, AT_FDCWD, P("file"), BAD, 0);
    ASK(-EINVAL, utimensat, AT_FDCWD, P("file"), P(bad), 0);
    ASK(-EINVAL, utimensat, AT_FDCWD, P("file"), 0, 1);
    ASK(-ENOENT, utimensat, AT_FDCWD, P("none"), 0, 0);
    ASK(0, utimensat, AT_FDCWD, P("none"), P(omit), 0);
    ASK(-EFAULT, utimensat, AT_FDCWD, 0, 0, 0);
    ASK(0, utimensat, file, 0, 0, 0);
    ASK(-EBADF, utimensat, 999, 0, 0, 0);
    ASK(-EINVAL, utimensat, file, 0, 0, AT_SYMLINK_NOFOLLOW);
    ASK(-EFAULT, execve, BAD, 0, 0);
    ASK(-ENOENT, execve, P(""), 0, 0);
    ASK(-ENOENT, execve, P("none"), BAD, 0);
    ASK(-EACCES, execve, P("file"), BAD, 0);
    ASK(-EACCES, execve, P("folder"), 0, 0);
    ASK(-ENOTDIR, execve, P("file/x"), 0, 0);
}

int main(void) {
    enter_scratch();
    memset(long_name, 'n', sizeof long_name - 1);
    memset(long_path, '/', sizeof long_path - 1);
    file = new_file("file", "text");
    CHECK_OK(mkdir("folder", 0755));
    CHECK_OK(mkdir("full", 0755));
    CHECK_OK(mkdir("full/inside", 0755));
    CHECK_OK(symlink("file", "link"));
    CHECK_OK(symlink("nowhere", "dangling"));
    CHECK_OK(symlink("loop", "loop"));
    folder = (int)CHECK_OK(open("folder", O_RDONLY | O_DIRECTORY));
    opening();
    making();
    removing();
    looking();
    changing();
    return all_answered();
}
