// Reading the device tree for the boot stage, and powering off by the device that it names.
#include "machine.h"

#include "base/format.h"
#include "sbi.h"

extern "C" {
extern char stage_start[], stage_end[];  // boot.ld
extern u64 device_tree_address;          // start.S
}

namespace {

// The sifive_test device has one register, which takes a command and a status above it.
constexpr u32 kFinishWithStatus = 0x3333;

[[gnu::format(printf, 2, 3)]] bool refuse(Refusal& refusal, const char* text, ...) {
    va_list args;
    va_start(args, text);
    format_into_list(refusal.sentence, sizeof refusal.sentence, text, args);
    va_end(args);
    return false;
}

Result<DeviceTree> open_tree(PhysAddr address) {
    return DeviceTree::open(reinterpret_cast<const void*>(address.value));
}

PhysAddr address_of(const char* symbol) { return PhysAddr(reinterpret_cast<u64>(symbol)); }

PhysRange between(PhysAddr start, PhysAddr end) { return {start, end - start}; }

void occupy(Machine& machine, PhysRange range, const char* owner) {
    ASSERT(machine.occupied_count < array_size(machine.occupied));
    machine.occupied[machine.occupied_count++] = {range, owner};
}

// OpenSBI says in /reserved-memory what it keeps, but protects it anyway: all that lies below the
// stage counts as its own. Such reservations are added too, whoever made them.
bool find_occupied(const DeviceTree& tree, Machine& machine, Refusal& refusal) {
    const PhysRange stage = between(address_of(stage_start), address_of(stage_end));
    for (const PhysRange& ram : Span(machine.ram, machine.ram_count)) {
        if (ram.covers(stage)) {
            occupy(machine, between(ram.start, stage.start), "OpenSBI");
        }
    }
    if (machine.occupied_count == 0) {
        return refuse(refusal, "the device tree has no RAM at 0x%lx, where this stage runs",
                      stage.start.value);
    }
    occupy(machine, stage, "the boot stage");
    occupy(machine,
           {address_of(reinterpret_cast<const char*>(tree.blob().data())), tree.blob().size()},
           "the device tree");
    occupy(machine, tree.initrd().value_or({}), "the initrd");

    PhysRange reserved[8];
    Result<usize> count = tree.reserved(reserved);
    if (!count.ok()) {
        return refuse(refusal, "the device tree reserves more than %lu pieces of memory",
                      array_size(reserved));
    }
    for (const PhysRange& range : Span(reserved, *count)) {
        occupy(machine, range, "reserved memory");
    }
    return true;
}

}  // namespace

bool read_machine(PhysAddr device_tree, Machine& machine, Refusal& refusal) {
    Result<DeviceTree> tree = open_tree(device_tree);
    if (!tree.ok()) {
        return refuse(refusal, "there is no sound device tree at 0x%lx", device_tree.value);
    }
    Result<usize> count = tree->memory(machine.ram);
    if (!count.ok()) {
        return refuse(refusal, "the device tree has more than %lu pieces of RAM",
                      array_size(machine.ram));
    }
    machine.ram_count = *count;
    return find_occupied(*tree, machine, refusal);
}

void power_off(ExitStatus status) {
    Result<DeviceTree> tree = open_tree(PhysAddr(device_tree_address));
    if (tree.ok()) {
        Result<PhysRange> registers = tree->find_compatible("sifive,test0").reg();
        if (registers.ok()) {
            auto finish = reinterpret_cast<volatile u32*>(registers->start.value);
            *finish = static_cast<u32>(status) << 16 | kFinishWithStatus;
            // Newer QEMUs end a moment later, and a second request would replace the status.
            for (;;) asm volatile("wfi");
        }
    }
    sbi_shutdown();
}
