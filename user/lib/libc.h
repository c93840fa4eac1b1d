// What the files of the library share among themselves: the system call stubs and the formatter.
#pragma once

#include <abi/poll.h>
#include <abi/resource.h>
#include <abi/signal.h>
#include <abi/stat.h>
#include <abi/statfs.h>
#include <abi/sysinfo.h>
#include <abi/uio.h>
#include <abi/utsname.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "abi/syscall_stubs.h"

// Where formatted text goes, piece by piece.
struct text_sink {
    void (*put)(struct text_sink *sink, const char *text, size_t size);
};

// printf's work; returns the number of bytes put.
int __format(struct text_sink *sink, const char *format, va_list arguments);

// One conversion of printf: what stands between '%' and the letter, and the letter.
struct conversion {
    int left, zero, plus, space, alternate;
    int width;
    int precision;  // -1: not given
    char letter;
};

// Digits of `value` for e, f and g into `buf` (without sign and padding); returns their count.
#define DOUBLE_TEXT_MAX 1500
int __double_text(char *buf, double value, const struct conversion *conversion);
