// Floor cpu on one page: start_cpu() makes the boot hart usable, in the order that its parts need.
#pragma once
#include "base/address.h"

// Reads the device tree, finds the console, turns traps, timer and device interrupts on, and prints
// the banner. `hart_id` and the blob's address are what the boot stage passed on.
void start_cpu(u64 hart_id, PhysAddr device_tree);
