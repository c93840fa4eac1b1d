// open, fcntl and the *at flags.
#pragma once

#include <abi/fcntl.h>
#include <sys/types.h>

int open(const char *path, int flags, ...);
int openat(int dirfd, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int command, ...);
int posix_fadvise(int fd, off_t offset, off_t length, int advice);
int renameat2(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path,
              unsigned int flags);
