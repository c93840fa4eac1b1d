// sysinfo(2): uptime, load and memory.
#pragma once

#include "abi/check.h"

struct sysinfo {
    int64_t uptime;     // seconds
    uint64_t loads[3];  // 1, 5 and 15 minutes, scaled by 65536
    uint64_t totalram;  // in units of mem_unit, like those below
    uint64_t freeram;
    uint64_t sharedram;
    uint64_t bufferram;
    uint64_t totalswap;
    uint64_t freeswap;
    uint16_t procs;
    uint16_t pad;
    uint64_t totalhigh;
    uint64_t freehigh;
    uint32_t mem_unit;
};
ABI_SIZE(struct sysinfo, 112);
ABI_OFFSET(struct sysinfo, procs, 80);
ABI_OFFSET(struct sysinfo, mem_unit, 104);
