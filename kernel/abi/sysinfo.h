// sysinfo(2): uptime, load and memory.
#pragma once

#include "abi/check.h"

struct sysinfo {
    int64_t uptime;     // seconds
    uint64_t loads[3];  // 1, 5 and 15 minutes, scaled by 65536
    uint64_t totalram;  // in units of mem_unit, like those below
    uint64_t freeram, sharedram, bufferram;
    uint64_t totalswap, freeswap;
    uint16_t procs, pad;
    uint64_t totalhigh, freehigh;
    uint32_t mem_unit;
};
ABI_SIZE(struct sysinfo, 112);
