// Files and directories by path and by descriptor. RISC-V has only the *at forms of most calls: the
// older names are made from them here.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "libc.h"

int openat(int dirfd, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return (int)sys_openat(dirfd, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return (int)sys_openat(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    unsigned long argument = va_arg(arguments, unsigned long);
    va_end(arguments);
    return (int)sys_fcntl(fd, command, argument);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return (int)sys_ioctl(fd, request, argument);
}

int dup2(int old_fd, int new_fd) {
    // dup3 refuses two equal descriptors; dup2 only asks whether the descriptor is open.
    if (old_fd == new_fd) return fcntl(old_fd, F_GETFD) < 0 ? -1 : new_fd;
    return dup3(old_fd, new_fd, 0);
}

int pipe(int fds[2]) {
    return pipe2(fds, 0);
}

ssize_t pread(int fd, void *buf, size_t size, off_t offset) {
    return sys_pread64(fd, buf, size, offset);
}

ssize_t pwrite(int fd, const void *buf, size_t size, off_t offset) {
    return sys_pwrite64(fd, buf, size, offset);
}

int posix_fadvise(int fd, off_t offset, off_t length, int advice) {
    return sys_fadvise64(fd, offset, length, advice) < 0 ? errno : 0;
}

int fstatat(int dirfd, const char *path, struct stat *buf, int flags) {
    return (int)sys_newfstatat(dirfd, path, buf, flags);
}

int stat(const char *path, struct stat *buf) {
    return fstatat(AT_FDCWD, path, buf, 0);
}

int lstat(const char *path, struct stat *buf) {
    return fstatat(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

int faccessat(int dirfd, const char *path, int mode, int flags) {
    if (flags == 0) return (int)sys_faccessat(dirfd, path, mode);
    return (int)sys_faccessat2(dirfd, path, mode, flags);
}

int access(const char *path, int mode) {
    return faccessat(AT_FDCWD, path, mode, 0);
}

int fchmodat(int dirfd, const char *path, mode_t mode, int flags) {
    if (flags != 0) {  // Linux cannot change the mode of a symbolic link
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)sys_fchmodat(dirfd, path, mode);
}

int chmod(const char *path, mode_t mode) {
    return fchmodat(AT_FDCWD, path, mode, 0);
}

int chown(const char *path, uid_t uid, gid_t gid) {
    return fchownat(AT_FDCWD, path, uid, gid, 0);
}

int lchown(const char *path, uid_t uid, gid_t gid) {
    return fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int mkdir(const char *path, mode_t mode) {
    return mkdirat(AT_FDCWD, path, mode);
}

int mknod(const char *path, mode_t mode, dev_t dev) {
    return mknodat(AT_FDCWD, path, mode, dev);
}

int mkfifo(const char *path, mode_t mode) {
    return mknod(path, S_IFIFO | (mode & 07777), 0);
}

int link(const char *old_path, const char *new_path) {
    return linkat(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

int symlink(const char *target, const char *path) {
    return symlinkat(target, AT_FDCWD, path);
}

ssize_t readlink(const char *path, char *buf, size_t size) {
    return readlinkat(AT_FDCWD, path, buf, size);
}

int unlink(const char *path) {
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path) {
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path) {
    if (unlink(path) == 0) return 0;
    return errno == EISDIR ? rmdir(path) : -1;
}

int renameat(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path) {
    return renameat2(old_dirfd, old_path, new_dirfd, new_path, 0);
}

int rename(const char *old_path, const char *new_path) {
    return renameat(AT_FDCWD, old_path, AT_FDCWD, new_path);
}

int futimens(int fd, const struct timespec times[2]) {
    return utimensat(fd, NULL, times, 0);
}

int utimes(const char *path, const struct timeval times[2]) {
    if (!times) return utimensat(AT_FDCWD, path, NULL, 0);
    struct timespec precise[2];
    for (int i = 0; i < 2; i++) {
        precise[i] = (struct timespec){times[i].tv_sec, times[i].tv_usec * 1000};
    }
    return utimensat(AT_FDCWD, path, precise, 0);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    struct timespec copy;  // the kernel writes the remaining time back
    if (timeout) copy = *timeout;
    return (int)sys_ppoll(fds, count, timeout ? &copy : NULL, mask, sizeof(sigset_t));
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000l};
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

int select(int count, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout) {
    struct timespec precise;
    if (timeout) precise = (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000};
    return (int)sys_pselect6(count, in, out, except, timeout ? &precise : NULL, NULL);
}
