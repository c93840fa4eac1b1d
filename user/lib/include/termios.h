// Terminal attributes. struct termios is the kernel's own, without speed members.
#pragma once

#include <abi/termios.h>
#include <sys/types.h>

typedef uint32_t speed_t;

// What the kernel has no use for; the rest is in abi/termios.h.
#define VSWTC 7
#define IGNBRK 0000001
#define BRKINT 0000002
#define IGNPAR 0000004
#define PARMRK 0000010
#define INPCK 0000020
#define IUCLC 0001000
#define IXANY 0004000
#define IXOFF 0010000
#define IMAXBEL 0020000
#define OLCUC 0000002
#define ONOCR 0000020
#define ONLRET 0000040
#define OFILL 0000100
#define OFDEL 0000200
#define CBAUD 0010017
#define B0 0000000
#define B9600 0000015
#define B19200 0000016
#define B57600 0010001
#define B115200 0010002
#define CSIZE 0000060
#define CS5 0000000
#define CS6 0000020
#define CS7 0000040
#define CSTOPB 0000100
#define PARENB 0000400
#define PARODD 0001000
#define CLOCAL 0004000
#define XCASE 0000004
#define ECHOPRT 0002000
#define FLUSHO 0010000
#define PENDIN 0040000
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2
#define TCIFLUSH 0
#define TCOOFF 0
#define TCOON 1
#define TCIOFF 2
#define TCION 3

int tcgetattr(int fd, struct termios *attributes);
int tcsetattr(int fd, int when, const struct termios *attributes);
int tcflush(int fd, int queue);
int tcdrain(int fd);
pid_t tcgetsid(int fd);
void cfmakeraw(struct termios *attributes);
speed_t cfgetospeed(const struct termios *attributes);
speed_t cfgetispeed(const struct termios *attributes);
