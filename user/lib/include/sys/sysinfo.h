// Uptime, load and memory.
#pragma once

#include <abi/sysinfo.h>

int sysinfo(struct sysinfo *info);
int get_nprocs(void);
