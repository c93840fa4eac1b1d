// Sockets, as far as socketpair(2) makes them.
#pragma once

#include "abi/fcntl.h"

#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_TYPES 0xf  // the bits of a type without its flags
#define SOCK_NONBLOCK O_NONBLOCK
#define SOCK_CLOEXEC O_CLOEXEC

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
