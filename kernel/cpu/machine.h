// What the device tree and the kernel command line say, read once at boot. Nothing about the
// machine is written into the code elsewhere.
#pragma once
#include "base/device_tree.h"
#include "base/span.h"

inline constexpr unsigned kMaxMemoryRanges = 16;

struct Machine {
    Array<PhysRange, kMaxMemoryRanges> memory;  // RAM
    unsigned memory_count = 0;
    Array<PhysRange, kMaxMemoryRanges> reserved;  // RAM that is taken: firmware, kernel, device
    unsigned reserved_count = 0;                  // tree, initial file system; may overlap
    PhysRange initrd;                             // the cpio archive, or size 0
    u64 timebase_frequency = 0;                   // ticks a second
    bool has_sstc = false;
};

const Machine& machine();
const DeviceTree& device_tree();

// The value of `name=value` on the kernel command line, or `fallback`.
StringView boot_option(StringView name, StringView fallback = "");
