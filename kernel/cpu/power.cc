// Stopping the machine. See power.h.
#include "cpu/power.h"

#include "cpu/csr.h"
#include "cpu/layout.h"
#include "cpu/machine.h"
#include "cpu/sbi.h"
#include "cpu/uart.h"

namespace {

// Commands of the sifive_test device; its one register is 32 bits wide (QEMU, hw/misc/sifive_test).
constexpr u32 kFinishPass = 0x5555;
constexpr u32 kFinishFail = 0x3333;

}  // namespace

void power_off(u32 exit_status) {
    disable_interrupts();
    uart_drain();
    Result<PhysRange> registers = device_tree().find_compatible("sifive,test0").reg();
    if (registers.ok()) {
        u32 command = exit_status == 0 ? kFinishPass : exit_status << 16 | kFinishFail;
        *linear_pointer<volatile u32>(registers->start) = command;
    } else {
        sbi_system_reset(SbiReset::kShutdown);
    }
    // Newer QEMUs end a moment after the write, and a second request would replace the status.
    for (;;) wait_for_interrupt();
}

void reboot() {
    uart_drain();
    sbi_system_reset(SbiReset::kColdReboot);
    power_off(kExitPowerOff);
}
