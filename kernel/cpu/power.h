// How the machine stops: always by itself, with an exit status that QEMU returns. Only the
// sifive_test device carries one; where there is none, SBI's shutdown serves.
#pragma once
#include "base/types.h"

inline constexpr u32 kExitPowerOff = 0;
inline constexpr u32 kExitTestFailed = 3;
inline constexpr u32 kExitPanic = 4;
inline constexpr u32 kExitInitFailed = 5;

// Waits for the serial port to drain and stops the machine. Does not write anything back: floors
// that hold dirty data do that before they call.
[[noreturn]] void power_off(u32 exit_status);
[[noreturn]] void reboot();
