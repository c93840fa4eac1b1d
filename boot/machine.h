// What the boot stage knows about the machine, all of it from the device tree: where RAM is, what
// of it is taken, and how to power off.
#pragma once
#include "elf_loader.h"

// What QEMU exits with. A refusal is a decision, a panic is a bug in the stage (or an exercise
// that is not solved yet); 1 is QEMU's own.
enum class ExitStatus : u32 { kRefused = 2, kPanic = 4 };

struct Machine {
    PhysRange ram[8];
    usize ram_count = 0;
    Occupied occupied[16];
    usize occupied_count = 0;

    MemoryMap map() const { return {{ram, ram_count}, {occupied, occupied_count}}; }
};

// Fills in `machine`, or says in `refusal` what is wrong with the tree and returns false.
bool read_machine(PhysAddr device_tree, Machine& machine, Refusal& refusal);

// Ends QEMU with `status`, at any time. Only the sifive_test device of the device tree can carry
// it: on a machine without one, or with no readable tree, SBI's shutdown ends QEMU with 0.
[[noreturn]] void power_off(ExitStatus status);
