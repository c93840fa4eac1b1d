// select(2).
#pragma once

#include <abi/poll.h>
#include <abi/signal.h>
#include <abi/time.h>

#define FD_ZERO(set) (*(set) = (fd_set){{0}})
#define FD_SET(fd, set) ((set)->fds_bits[(fd) / 64] |= 1ul << ((fd) % 64))
#define FD_CLR(fd, set) ((set)->fds_bits[(fd) / 64] &= ~(1ul << ((fd) % 64)))
#define FD_ISSET(fd, set) (((set)->fds_bits[(fd) / 64] >> ((fd) % 64)) & 1)

int select(int count, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout);
