// ioctl and its terminal requests.
#pragma once

#include <abi/termios.h>

int ioctl(int fd, unsigned long request, ...);
