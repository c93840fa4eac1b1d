// ioctl and its terminal requests.
#pragma once

#include <abi/termios.h>

// What the kernel has no use for; the rest is in abi/termios.h.
#define TIOCEXCL 0x540C
#define TIOCNXCL 0x540D
#define TIOCSTI 0x5412

int ioctl(int fd, unsigned long request, ...);
