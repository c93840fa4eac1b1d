// The boot story. The boot stage has loaded the kernel, cpu/entry.S has turned paging on and found a
// stack; from here each floor of the tower joins in at its stage (cpu/init.h), and the last stage
// starts the first program. What is not linked takes no part: every prefix of the tower boots.
#include "cpu/console.h"
#include "cpu/cpu.h"
#include "cpu/hart.h"
#include "cpu/init.h"
#include "cpu/power.h"

extern "C" [[noreturn]] void kernel_main(u64 hart_id, u64 device_tree_address) {
    start_cpu(hart_id, PhysAddr(device_tree_address));
    run_stage(Stage::kMemory);
    run_stage(Stage::kThreads);
    run_stage(Stage::kProcesses);
    run_stage(Stage::kFiles);
    run_stage(Stage::kDevices);
    run_stage(Stage::kFileSystems);
    restart_lost_harts();
    run_kernel_tests();
    run_stage(Stage::kUser);

    kprintf("goose: this kernel has no floor that runs programs; powering off\n");
    power_off(kExitPowerOff);
}
