// Calls into the firmware (OpenSBI, in machine mode): RISC-V SBI specification 1.0.
#pragma once
#include "base/types.h"

struct SbiResult {
    i64 error;  // 0, or a negative SBI_ERR_*
    i64 value;
};

SbiResult sbi_call(u64 extension, u64 function, u64 a0 = 0, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0,
                   u64 a4 = 0);

// Legacy console: one character, polled by the firmware. For what must be said before, or after,
// the kernel's own console works.
void sbi_put_character(char c);
void sbi_set_timer(u64 ticks);
// Starts the stopped hart `hart_id` in S-mode at physical `entry` with a0 = hart_id, a1 = argument.
SbiResult sbi_start_hart(u64 hart_id, u64 entry, u64 argument);
// 0: stopped hart could be started, …; negative: no such hart.
i64 sbi_hart_status(u64 hart_id);
void sbi_send_ipi(u64 hart_id);
enum class SbiReset : u32 { kShutdown = 0, kColdReboot = 1 };
void sbi_system_reset(SbiReset type);

// Prints with sbi_put_character and the formatter in base: never an exercise, always there.
void sbi_print(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Reports a part that is yours to write where panic() cannot: below the console. Does not return.
extern "C" [[noreturn]] void stub_reached(const char* part);
