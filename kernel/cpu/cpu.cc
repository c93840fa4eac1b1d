// The first steps of the kernel on the boot hart. See cpu.h.
#include "cpu/cpu.h"

#include "cpu/console.h"
#include "cpu/driver.h"
#include "cpu/hart.h"
#include "cpu/init.h"
#include "cpu/machine.h"
#include "cpu/time.h"
#include "cpu/trap.h"

static void print_banner() {
    u64 bytes = 0;
    for (unsigned i = 0; i < machine().memory_count; i++) bytes += machine().memory[i].size;
    kprintf("goose: %u hart%s, %lu MiB, clock %lu kHz%s\n", hart_count(),
            hart_count() == 1 ? "" : "s", bytes >> 20, machine().timebase_frequency / 1000,
            machine().has_sstc ? " (Sstc)" : "");
}

void start_cpu(u64 hart_id, PhysAddr device_tree) {
    setup_boot_hart(hart_id);
    read_machine(device_tree);
    setup_harts();
    setup_console();
    print_banner();
    setup_traps_on_this_hart();
    setup_interrupts();
    setup_time();
    setup_console_input();
    enable_interrupts();
}

void run_stage(Stage stage) {
    for (const InitEntry& entry : TABLE(InitEntry, init)) {
        if (entry.stage == stage) entry.run();
    }
}

// Calls each driver for the nodes that name its device.
static void probe_drivers() {
    for (TreeNode node = device_tree().root(); node; node = node.next()) {
        for (const Driver& driver : TABLE(Driver, driver)) {
            if (node.is_compatible(driver.compatible) && node.is_available()) driver.probe(node);
        }
    }
}
INIT(Stage::kDevices, probe_drivers);
