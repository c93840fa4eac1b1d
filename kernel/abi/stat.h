// File status: newfstatat, fstat and statx; file types and permission bits.
#pragma once

#include "abi/check.h"
#include "abi/time.h"

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000

#define S_ISLNK(m) (((m) & S_IFMT) == S_IFLNK)
#define S_ISREG(m) (((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m) (((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m) & S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m) & S_IFMT) == S_IFSOCK)

#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000
#define S_IRWXU 0700
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXG 0070
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IXGRP 0010
#define S_IRWXO 0007
#define S_IROTH 0004
#define S_IWOTH 0002
#define S_IXOTH 0001

// Each time can be read as st_mtim (POSIX) or as st_mtime and st_mtime_nsec (Linux).
struct stat {
    uint64_t st_dev;
    uint64_t st_ino;
    uint32_t st_mode;
    uint32_t st_nlink;
    uint32_t st_uid;
    uint32_t st_gid;
    uint64_t st_rdev;
    uint64_t st_pad1;
    int64_t st_size;
    int32_t st_blksize;
    int32_t st_pad2;
    int64_t st_blocks;  // of 512 bytes
    union {
        struct timespec st_atim;
        struct {
            int64_t st_atime;
            int64_t st_atime_nsec;
        };
    };
    union {
        struct timespec st_mtim;
        struct {
            int64_t st_mtime;
            int64_t st_mtime_nsec;
        };
    };
    union {
        struct timespec st_ctim;
        struct {
            int64_t st_ctime;
            int64_t st_ctime_nsec;
        };
    };
    uint32_t st_unused[2];
};
ABI_SIZE(struct stat, 128);
ABI_OFFSET(struct stat, st_mode, 16);
ABI_OFFSET(struct stat, st_rdev, 32);
ABI_OFFSET(struct stat, st_size, 48);
ABI_OFFSET(struct stat, st_blksize, 56);
ABI_OFFSET(struct stat, st_blocks, 64);
ABI_OFFSET(struct stat, st_atim, 72);
ABI_OFFSET(struct stat, st_mtime_nsec, 96);
ABI_OFFSET(struct stat, st_ctim, 104);

struct statx_timestamp {
    int64_t tv_sec;
    uint32_t tv_nsec;
    int32_t pad;
};

struct statx {
    uint32_t stx_mask;  // which of the fields below are filled in
    uint32_t stx_blksize;
    uint64_t stx_attributes;
    uint32_t stx_nlink;
    uint32_t stx_uid;
    uint32_t stx_gid;
    uint16_t stx_mode;
    uint16_t stx_pad1;
    uint64_t stx_ino;
    uint64_t stx_size;
    uint64_t stx_blocks;
    uint64_t stx_attributes_mask;
    struct statx_timestamp stx_atime;
    struct statx_timestamp stx_btime;
    struct statx_timestamp stx_ctime;
    struct statx_timestamp stx_mtime;
    uint32_t stx_rdev_major;
    uint32_t stx_rdev_minor;
    uint32_t stx_dev_major;
    uint32_t stx_dev_minor;
    uint64_t stx_mnt_id;
    uint32_t stx_dio_mem_align;
    uint32_t stx_dio_offset_align;
    uint64_t stx_spare[12];
};
ABI_SIZE(struct statx, 256);
ABI_OFFSET(struct statx, stx_mode, 28);
ABI_OFFSET(struct statx, stx_size, 40);
ABI_OFFSET(struct statx, stx_atime, 64);
ABI_OFFSET(struct statx, stx_mtime, 112);
ABI_OFFSET(struct statx, stx_dev_major, 136);
ABI_OFFSET(struct statx, stx_mnt_id, 144);

#define STATX_TYPE 0x0001u
#define STATX_MODE 0x0002u
#define STATX_NLINK 0x0004u
#define STATX_UID 0x0008u
#define STATX_GID 0x0010u
#define STATX_ATIME 0x0020u
#define STATX_MTIME 0x0040u
#define STATX_CTIME 0x0080u
#define STATX_INO 0x0100u
#define STATX_SIZE 0x0200u
#define STATX_BLOCKS 0x0400u
#define STATX_BASIC_STATS 0x07ffu
#define STATX_BTIME 0x0800u
#define STATX_MNT_ID 0x1000u

// Device numbers. Linux packs them as below in both st_dev and mknodat's argument.
#define ABI_MAJOR(dev) ((uint32_t)((((dev) >> 8) & 0xfff) | (((dev) >> 32) & ~0xfffu)))
#define ABI_MINOR(dev) ((uint32_t)(((dev) & 0xff) | (((dev) >> 12) & ~0xffu)))
#define ABI_MAKEDEV(major, minor)                                                      \
    ((((uint64_t)(major) & 0xfff) << 8) | (((uint64_t)(major) & ~0xfffull) << 32) |    \
     ((uint64_t)(minor) & 0xff) | (((uint64_t)(minor) & ~0xffull) << 12))
