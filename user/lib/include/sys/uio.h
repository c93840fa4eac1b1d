// Reading into and writing from several buffers.
#pragma once

#include <abi/uio.h>
#include <sys/types.h>

ssize_t readv(int fd, const struct iovec *vector, int count);
ssize_t writev(int fd, const struct iovec *vector, int count);
