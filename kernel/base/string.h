// The memory functions that the compiler calls by itself, and strlen. The contracts are the C
// standard's (ISO C 7.24); the versions in string.cc move eight bytes at a time.
#pragma once
#include "base/types.h"

#ifdef GOOSE_HOST
#include <string.h>
#else
extern "C" {
void* memcpy(void* to, const void* from, usize size);
void* memmove(void* to, const void* from, usize size);
void* memset(void* to, int byte, usize size);
int memcmp(const void* a, const void* b, usize size);
usize strlen(const char* text);
}
#endif

// Copies `from` with its closing NUL into `to`, cut to `size` bytes; `size` is not 0.
void copy_string(char* to, const char* from, usize size);
