// Disks as files: /dev/vda and so on. Their bytes go through a page cache of their own, so reading a
// disk while it is mounted shows what has been written back; opening one starts afresh.
#pragma once
#include "block/block_device.h"
#include "io/inode.h"

// The device number of disk `index`, as Linux numbers virtio disks; and the way back, or null.
constexpr u64 block_device_number(usize index) { return ABI_MAKEDEV(254, 16 * index); }
BlockDevice* block_device_by_number(u64 number);

// Lets device nodes of all disks be opened. Once.
void start_block_files();
