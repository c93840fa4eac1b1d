// The SBI calls that the kernel makes. Calling convention: a7 extension, a6 function, results in
// a0 and a1, all other registers kept.
#include "cpu/sbi.h"

#include "base/format.h"

namespace {

constexpr u64 kTime = 0x54494d45;  // "TIME"
constexpr u64 kLegacyPutCharacter = 1;
constexpr u64 kIpi = 0x735049;            // "sPI"
constexpr u64 kHartState = 0x48534d;      // "HSM"
constexpr u64 kSystemReset = 0x53525354;  // "SRST"

class SbiSink final : public FormatSink {
  public:
    void put(char c) override { sbi_put_character(c); }
};

}  // namespace

SbiResult sbi_call(u64 extension, u64 function, u64 arg0, u64 arg1, u64 arg2, u64 arg3, u64 arg4) {
    register u64 a0 asm("a0") = arg0;
    register u64 a1 asm("a1") = arg1;
    register u64 a2 asm("a2") = arg2;
    register u64 a3 asm("a3") = arg3;
    register u64 a4 asm("a4") = arg4;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall"
                 : "+r"(a0), "+r"(a1)
                 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                 : "memory");
    return {static_cast<i64>(a0), static_cast<i64>(a1)};
}

void sbi_put_character(char c) { sbi_call(kLegacyPutCharacter, 0, static_cast<u8>(c)); }

void sbi_set_timer(u64 ticks) { sbi_call(kTime, 0, ticks); }

SbiResult sbi_start_hart(u64 hart_id, u64 entry, u64 argument) {
    return sbi_call(kHartState, 0, hart_id, entry, argument);
}

i64 sbi_hart_status(u64 hart_id) {
    SbiResult status = sbi_call(kHartState, 2, hart_id);
    return status.error != 0 ? status.error : status.value;
}

void sbi_send_ipi(u64 hart_id) { sbi_call(kIpi, 0, 1, hart_id); }

void sbi_system_reset(SbiReset type) { sbi_call(kSystemReset, 0, static_cast<u64>(type), 0); }

void sbi_print(const char* text, ...) {
    SbiSink sink;
    va_list args;
    va_start(args, text);
    format(sink, text, args);
    va_end(args);
}
