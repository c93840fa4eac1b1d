// How to call the firmware: a7 extension, a6 function, results in a0 and a1, all other registers
// kept.
#include "cpu/sbi.h"

#include "base/format.h"

SbiResult sbi_call(SbiExtension extension, u64 function, u64 arg0, u64 arg1, u64 arg2, u64 arg3) {
    register u64 a0 asm("a0") = arg0;
    register u64 a1 asm("a1") = arg1;
    register u64 a2 asm("a2") = arg2;
    register u64 a3 asm("a3") = arg3;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = static_cast<u64>(extension);
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
    return {static_cast<i64>(a0), static_cast<i64>(a1)};
}

namespace {

class SbiSink final : public FormatSink {
  public:
    void put(char c) override { sbi_put_character(c); }
};

}  // namespace

void sbi_print(const char* text, ...) {
    SbiSink sink;
    va_list args;
    va_start(args, text);
    format(sink, text, args);
    va_end(args);
}
