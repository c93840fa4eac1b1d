// getdents64: a buffer of records, each d_reclen bytes long and 8-aligned.
#pragma once

#include "abi/check.h"

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;  // where the next record starts, an opaque position for lseek
    uint16_t d_reclen;
    uint8_t d_type;
    char d_name[];  // ends with 0
};
ABI_OFFSET(struct linux_dirent64, d_name, 19);

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
