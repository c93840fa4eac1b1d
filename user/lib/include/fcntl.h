// open, fcntl and the *at flags.
#pragma once

#include <abi/fcntl.h>
#include <sys/types.h>

// What the kernel has no use for; the rest is in abi/fcntl.h.
#define O_NDELAY O_NONBLOCK
#define O_SYNC 04010000
#define O_RSYNC O_SYNC
#define AT_STATX_SYNC_AS_STAT 0x0000
#define AT_STATX_FORCE_SYNC 0x2000
#define AT_STATX_DONT_SYNC 0x4000
#define RENAME_WHITEOUT 4
#define F_OK 0
#define POSIX_FADV_RANDOM 1
#define POSIX_FADV_SEQUENTIAL 2
#define POSIX_FADV_WILLNEED 3
#define POSIX_FADV_DONTNEED 4

int open(const char *path, int flags, ...);
int openat(int dirfd, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int command, ...);
int posix_fadvise(int fd, off_t offset, off_t length, int advice);
int renameat2(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path,
              unsigned int flags);
