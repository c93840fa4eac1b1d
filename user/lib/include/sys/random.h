// Random bytes from the kernel.
#pragma once

#include <abi/sched.h>
#include <sys/types.h>

ssize_t getrandom(void *buf, size_t size, unsigned int flags);
