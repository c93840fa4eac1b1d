// How a driver finds its device: DRIVER(compatible, probe) registers it, and it is
// called, at Stage::kDevices, for each enabled node of the device tree that names one of the compatible strings.
#pragma once
#include "base/device_tree.h"
#include "base/table.h"

struct Driver {
    const char* compatible;
    void (*probe)(TreeNode node);
};
TABLE_BOUNDS(Driver, driver)

#define DRIVER(id, compatible, probe)                                                              \
    TABLE_ENTRY(driver) Driver driver_entry_##id = {compatible, probe}
