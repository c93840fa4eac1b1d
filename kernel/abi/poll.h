// ppoll and pselect6.
#pragma once

#include "abi/check.h"

struct pollfd {
    int32_t fd;
    int16_t events, revents;
};
ABI_SIZE(struct pollfd, 8);

#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLWRNORM 0x0100
#define POLLRDHUP 0x2000

#define FD_SETSIZE 1024

typedef struct {
    uint64_t fds_bits[FD_SETSIZE / 64];
} fd_set;
ABI_SIZE(fd_set, 128);
