// How an upper floor takes part in the boot story without being named below: INIT(stage, function)
// registers it, and main.cc runs the stages in order. Within a stage the order is that of layers.mk.
#pragma once
#include "base/table.h"

enum class Stage : u8 {
    kMemory,       // from here on: frames, heap, the kernel's own page table
    kThreads,      // from here on: this flow is a thread and may sleep; other harts run
    kProcesses,    // the tables of floor process
    kFiles,        // the in-memory root
    kDevices,      // drivers have probed what the device tree lists
    kFileSystems,  // root is mounted
    kUser,         // starts the first program, and does not return
};

struct InitEntry {
    Stage stage;
    void (*run)();
    const char* name;
};
TABLE_BOUNDS(InitEntry, init)

#define INIT(stage, function)                                                                      \
    TABLE_ENTRY(init) InitEntry init_entry_##function = {stage, function, #function}

void run_stage(Stage stage);
