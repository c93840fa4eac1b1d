// The boot stage's voice and its last resort, both by SBI calls, which every OpenSBI answers.
// Reference: RISC-V SBI specification 1.0, "Legacy Extensions".
#pragma once
#include "base/types.h"

// Prints to the firmware's console, character by character; see base/format.h.
void boot_print(const char* text, ...) __attribute__((format(printf, 1, 2)));

// Ends QEMU with status 0, whatever went wrong: for machines that have nothing better.
[[noreturn]] void sbi_shutdown();
