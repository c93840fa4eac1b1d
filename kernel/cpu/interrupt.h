// Device interrupts: the PLIC tells which device, and the driver that asked for it is called with
// interrupts off. Reference: RISC-V PLIC specification 1.0.
#pragma once
#include "base/types.h"

// Called on the hart that took the interrupt; must not sleep.
using InterruptHandler = void (*)(void* context);

// Calls `handler(context)` for each interrupt of source `irq` from now on, on any hart.
void handle_device_interrupt(u32 irq, InterruptHandler handler, void* context);

// Claims, handles and completes whatever the PLIC has for this hart; from trap.cc.
void take_device_interrupts();
