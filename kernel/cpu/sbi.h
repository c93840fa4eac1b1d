// Calls into the firmware (OpenSBI, in machine mode): RISC-V SBI specification 1.0.
#pragma once
#include "base/types.h"

struct SbiResult {
    i64 error;  // 0, or a negative SBI_ERR_*
    i64 value;
};

enum class SbiExtension : u64 {
    kLegacyPutCharacter = 1,
    kTime = 0x54494d45,         // "TIME"
    kIpi = 0x735049,            // "sPI"
    kRemoteFence = 0x52464e43,  // "RFNC"
    kHartState = 0x48534d,      // "HSM"
    kSystemReset = 0x53525354,  // "SRST"
};

SbiResult sbi_call(SbiExtension extension, u64 function, u64 a0, u64 a1 = 0, u64 a2 = 0,
                   u64 a3 = 0);

// Legacy console: one character, polled by the firmware. For what must be said before, or after,
// the kernel's own console works.
inline void sbi_put_character(char c) {
    sbi_call(SbiExtension::kLegacyPutCharacter, 0, static_cast<u8>(c));
}

inline void sbi_set_timer(u64 ticks) { sbi_call(SbiExtension::kTime, 0, ticks); }

inline void sbi_send_ipi(u64 hart_id) { sbi_call(SbiExtension::kIpi, 0, 1, hart_id); }

// Makes all harts forget what they know of the mapping of these addresses, and waits for them.
inline void sbi_flush_all_harts(u64 start, u64 size) {
    constexpr u64 kAllHarts = ~u64{0};
    sbi_call(SbiExtension::kRemoteFence, 1, 0, kAllHarts, start, size);
}

// Starts the stopped hart `hart_id` in S-mode at physical `entry` with a0 = hart_id, a1 = argument.
inline SbiResult sbi_start_hart(u64 hart_id, u64 entry, u64 argument) {
    return sbi_call(SbiExtension::kHartState, 0, hart_id, entry, argument);
}

inline bool sbi_hart_is_stopped(u64 hart_id) {
    SbiResult status = sbi_call(SbiExtension::kHartState, 2, hart_id);
    return status.error == 0 && status.value == 1;
}

enum class SbiReset : u32 { kShutdown = 0, kColdReboot = 1 };
inline void sbi_system_reset(SbiReset type) {
    sbi_call(SbiExtension::kSystemReset, 0, static_cast<u64>(type));
}

// Prints with sbi_put_character and the formatter in base: never an exercise, always there.
void sbi_print(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Reports a part that is yours to write where panic() cannot: below the console, and in assembly.
extern "C" [[noreturn]] void stub_reached(const char* part);
