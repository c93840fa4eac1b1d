// Sizes of integer types (C11 5.2.4.2.1) and the limits of the system.
#pragma once

#include <abi/limits.h>

// What the kernel has no use for; the rest is in abi/limits.h.
#define NGROUPS_MAX 65536

#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN 0  // char is unsigned on RISC-V
#define CHAR_MAX 255
#define MB_LEN_MAX 1
#define SHRT_MIN (-SHRT_MAX - 1)
#define SHRT_MAX 0x7fff
#define USHRT_MAX 0xffff
#define INT_MIN (-INT_MAX - 1)
#define INT_MAX 0x7fffffff
#define UINT_MAX 0xffffffffu
#define LONG_MIN (-LONG_MAX - 1)
#define LONG_MAX 0x7fffffffffffffffl
#define ULONG_MAX 0xfffffffffffffffful
#define LLONG_MIN (-LLONG_MAX - 1)
#define LLONG_MAX 0x7fffffffffffffffll
#define ULLONG_MAX 0xffffffffffffffffull
#define SSIZE_MAX LONG_MAX
#define LINE_MAX 2048
#define HOST_NAME_MAX 64
