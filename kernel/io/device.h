// Devices as files: an inode of type S_IFCHR has a device number, and the driver of that number opens
// it. Numbers are Linux's.
#pragma once
#include "base/table.h"
#include "io/inode.h"
#include "process/file.h"

inline constexpr u64 kNullDevice = ABI_MAKEDEV(1, 3);
inline constexpr u64 kZeroDevice = ABI_MAKEDEV(1, 5);
inline constexpr u64 kFullDevice = ABI_MAKEDEV(1, 7);
inline constexpr u64 kRandomDevice = ABI_MAKEDEV(1, 8);
inline constexpr u64 kUrandomDevice = ABI_MAKEDEV(1, 9);
inline constexpr u64 kTtyDevice = ABI_MAKEDEV(5, 0);
inline constexpr u64 kConsoleDevice = ABI_MAKEDEV(5, 1);
inline constexpr u64 kSerialDevice = ABI_MAKEDEV(4, 64);

struct DeviceDriver {
    u64 device;  // its number
    Result<Ref<File>> (*open)(Inode& inode, u32 flags);
};
TABLE_BOUNDS(DeviceDriver, device)

// Defines drivers, as an array: DEVICES(drivers) = {{number, open}, …};
#define DEVICES(name) TABLE_ENTRY(device) DeviceDriver name[]

// ENXIO where the device has no driver.
inline Result<Ref<File>> open_device(Inode& inode, u32 flags) {
    for (const DeviceDriver& driver : TABLE(DeviceDriver, device))
        if (driver.device == inode.device) return driver.open(inode, flags);
    return Errno{ENXIO};
}
