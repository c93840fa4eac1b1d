// Terminal attributes. struct termios is the kernel's own, without speed members.
#pragma once

#include <abi/termios.h>
#include <sys/types.h>

int tcgetattr(int fd, struct termios *attributes);
int tcsetattr(int fd, int when, const struct termios *attributes);
int tcflush(int fd, int queue);
int tcdrain(int fd);
pid_t tcgetsid(int fd);
void cfmakeraw(struct termios *attributes);
speed_t cfgetospeed(const struct termios *attributes);
speed_t cfgetispeed(const struct termios *attributes);
