// Device numbers.
#pragma once

#include <abi/stat.h>

#define major(dev) ABI_MAJOR((uint64_t)(dev))
#define minor(dev) ABI_MINOR((uint64_t)(dev))
#define makedev(major, minor) ABI_MAKEDEV(major, minor)
