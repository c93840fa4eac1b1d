// readv and writev.
#pragma once

#include "abi/check.h"

struct iovec {
    void *iov_base;
    uint64_t iov_len;
};
ABI_SIZE(struct iovec, 16);
