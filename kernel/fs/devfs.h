// /dev: a file system in memory that starts with a node for each device there is.
#pragma once
#include "block/block_device.h"
#include "io/file_system.h"

// A new /dev; all of them show the same devices. ENOMEM.
Result<Ref<FileSystem>> create_devfs();
// The disk with this device number, or null.
BlockDevice* block_device_by_number(u64 number);
