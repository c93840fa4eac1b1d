// Size and fill of a file system, as Linux gives it.
#pragma once

#include <abi/statfs.h>

// What the kernel has no use for; the rest is in abi/statfs.h.
#define ST_NOSUID 0x0002
#define ST_NODEV 0x0004
#define ST_NOEXEC 0x0008
#define ST_RELATIME 0x1000

int statfs(const char *path, struct statfs *buf);
int fstatfs(int fd, struct statfs *buf);
