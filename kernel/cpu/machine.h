// What the device tree and the kernel command line say, read once at boot. Nothing about the
// machine is written into the code elsewhere.
#pragma once
#include "base/address.h"
#include "base/device_tree.h"
#include "base/span.h"

struct MemoryRange {
    PhysAddr start;
    u64 size = 0;
    PhysAddr end() const { return start + size; }
    bool contains(PhysAddr address) const { return start <= address && address < end(); }
};

inline constexpr unsigned kMaxMemoryRanges = 8;

struct Machine {
    Array<MemoryRange, kMaxMemoryRanges> memory;     // RAM
    unsigned memory_count = 0;
    Array<MemoryRange, kMaxMemoryRanges> reserved;   // RAM that is taken: firmware, kernel, device
    unsigned reserved_count = 0;                     // tree, initial file system
    MemoryRange initrd;                              // the cpio archive, or size 0
    MemoryRange device_tree_blob;
    u64 timebase_frequency = 0;  // ticks a second
    bool has_sstc = false;
};

const Machine& machine();
const DeviceTree& device_tree();

// The value of `name=value` on the kernel command line, or `fallback`.
StringView boot_option(StringView name, StringView fallback = "");
