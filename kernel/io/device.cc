// Who opens which device. See device.h.
#include "io/device.h"

#include "process/file.h"

namespace {

constinit SpinLock drivers_lock{LockRank::kDevices, "device drivers"};
constinit List<DeviceDriver, &DeviceDriver::node> drivers;

DeviceDriver* find_driver(u32 type, u64 device) {
    SpinGuard guard(drivers_lock);
    for (DeviceDriver& driver : drivers) {
        if (driver.type == type && driver.device == device) return &driver;
    }
    return nullptr;
}

}  // namespace

void register_device(DeviceDriver& driver) {
    SpinGuard guard(drivers_lock);
    drivers.push_back(driver);
}

Result<Ref<File>> open_device(Inode& inode, u32 flags) {
    DeviceDriver* driver = find_driver(inode.type(), inode.device);
    if (driver == nullptr) return Errno{ENXIO};
    return driver->open(inode, flags);
}
