// Devices as files: an inode of type S_IFCHR or S_IFBLK has a device number, and the driver that has
// registered for that number opens it. Numbers are Linux's.
#pragma once
#include "base/list.h"
#include "io/inode.h"

inline constexpr u64 kNullDevice = ABI_MAKEDEV(1, 3);
inline constexpr u64 kZeroDevice = ABI_MAKEDEV(1, 5);
inline constexpr u64 kFullDevice = ABI_MAKEDEV(1, 7);
inline constexpr u64 kRandomDevice = ABI_MAKEDEV(1, 8);
inline constexpr u64 kUrandomDevice = ABI_MAKEDEV(1, 9);
inline constexpr u64 kTtyDevice = ABI_MAKEDEV(5, 0);
inline constexpr u64 kConsoleDevice = ABI_MAKEDEV(5, 1);
inline constexpr u64 kSerialDevice = ABI_MAKEDEV(4, 64);

struct DeviceDriver {
    using Open = Result<Ref<File>> (*)(Inode& inode, u32 flags);

    constexpr DeviceDriver(u32 file_type, u64 number, Open open_function)
        : type(file_type), device(number), open(open_function) {}

    const u32 type;    // S_IFCHR or S_IFBLK
    const u64 device;  // its number
    const Open open;
    ListNode node;
};

// From now on `driver` opens its device; it lives for ever.
void register_device(DeviceDriver& driver);
// ENXIO where no driver has registered.
Result<Ref<File>> open_device(Inode& inode, u32 flags);
