// Mounting file systems.
#pragma once

#include <abi/mount.h>

// What the kernel has no use for; the rest is in abi/mount.h.
#define MS_NOSUID 2
#define MS_NODEV 4
#define MS_NOEXEC 8
#define MS_SYNCHRONOUS 16
#define MS_NOATIME 1024
#define MS_NODIRATIME 2048
#define MS_REC 16384
#define MS_SILENT 32768
#define MS_RELATIME (1 << 21)

int mount(const char *source, const char *target, const char *type, unsigned long flags,
          const void *data);
int umount(const char *target);
int umount2(const char *target, int flags);
