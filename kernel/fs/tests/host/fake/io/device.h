// The host's stand-in for io/device.h: no devices.
#pragma once
#include "io/inode_file.h"

inline Result<Ref<File>> open_device(Inode&, u32) { return Errno{ENXIO}; }
