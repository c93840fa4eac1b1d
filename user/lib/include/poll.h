// Waiting for several files.
#pragma once

#include <abi/poll.h>
#include <abi/signal.h>
#include <abi/time.h>

typedef unsigned long nfds_t;

int poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
