// statfs and fstatfs.
#pragma once

#include "abi/check.h"

typedef struct {
    int32_t val[2];
} fsid_t;

struct statfs {
    int64_t f_type;
    int64_t f_bsize;
    uint64_t f_blocks, f_bfree, f_bavail;
    uint64_t f_files, f_ffree;
    fsid_t f_fsid;
    int64_t f_namelen;
    int64_t f_frsize;
    int64_t f_flags;
    int64_t f_spare[4];
};
ABI_SIZE(struct statfs, 120);

#define EXT2_SUPER_MAGIC 0xef53
#define PROC_SUPER_MAGIC 0x9fa0
#define TMPFS_MAGIC 0x01021994
#define PIPEFS_MAGIC 0x50495045

// f_flags.
#define ST_RDONLY 0x0001
#define ST_VALID 0x0020
#define ST_NOATIME 0x0400
