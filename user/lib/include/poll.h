// Waiting for several files.
#pragma once

#include <abi/poll.h>
#include <abi/signal.h>
#include <abi/time.h>

// What the kernel has no use for; the rest is in abi/poll.h.
#define POLLRDBAND 0x0080
#define POLLWRBAND 0x0200
#define POLLRDHUP 0x2000

typedef unsigned long nfds_t;

int poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
