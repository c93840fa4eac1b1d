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

#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m) (((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m) & S_IFMT) == S_IFBLK)

#define S_ISUID 04000
#define S_ISGID 02000

struct stat {
    uint64_t st_dev;
    uint64_t st_ino;
    uint32_t st_mode, st_nlink;
    uint32_t st_uid, st_gid;
    uint64_t st_rdev;
    uint64_t st_pad1;
    int64_t st_size;
    int32_t st_blksize, st_pad2;
    int64_t st_blocks;  // of 512 bytes
    struct timespec st_atim, st_mtim, st_ctim;
    uint32_t st_unused[2];
};
ABI_SIZE(struct stat, 128);
ABI_OFFSET(struct stat, st_atim, 72);

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
    uint32_t stx_uid, stx_gid;
    uint16_t stx_mode;
    uint16_t stx_pad1;
    uint64_t stx_ino;
    uint64_t stx_size;
    uint64_t stx_blocks;
    uint64_t stx_attributes_mask;
    struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
    uint32_t stx_rdev_major, stx_rdev_minor;
    uint32_t stx_dev_major, stx_dev_minor;
    uint64_t stx_mnt_id;
    uint32_t stx_dio_mem_align, stx_dio_offset_align;
    uint64_t stx_spare[12];
};
ABI_SIZE(struct statx, 256);
ABI_OFFSET(struct statx, stx_atime, 64);

#define STATX_BASIC_STATS 0x07ffu

// Device numbers. Linux packs them as below in both st_dev and mknodat's argument.
#define ABI_MAJOR(dev) ((uint32_t)((((dev) >> 8) & 0xfff) | (((dev) >> 32) & ~0xfffu)))
#define ABI_MINOR(dev) ((uint32_t)(((dev) & 0xff) | (((dev) >> 12) & ~0xffu)))
#define ABI_MAKEDEV(major, minor)                                                      \
    ((((uint64_t)(major) & 0xfff) << 8) | (((uint64_t)(major) & ~0xfffull) << 32) |    \
     ((uint64_t)(minor) & 0xff) | (((uint64_t)(minor) & ~0xffull) << 12))
