// What the host tests use of the host. The C library's own headers would clash with kernel/abi.
#pragma once
#include "base/span.h"

extern "C" {
int printf(const char* text, ...) __attribute__((format(printf, 1, 2)));
int fflush(void* all_if_null);
int sscanf(const char* from, const char* text, ...) __attribute__((format(scanf, 2, 3)));
}

extern bool host_quiet;  // kprintf prints nothing

Bytes read_image(const char* path);
void write_image(const char* path, ConstBytes image);
// The next line of the standard input, without its end; false at the end.
bool read_line(char* line, usize size);
