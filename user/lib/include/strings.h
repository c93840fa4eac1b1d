// strcasecmp and its like, where POSIX has them.
#pragma once

#include <string.h>

int ffs(int value);
void bzero(void *memory, size_t size);
