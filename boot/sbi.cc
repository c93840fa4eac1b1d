// Legacy SBI calls: putchar and shutdown.
#include "sbi.h"

#include "base/format.h"

namespace {

enum LegacyExtension : u64 { kConsolePutchar = 1, kShutdown = 8 };

// The extension goes into a7. The firmware keeps every register but a0 and a1.
void legacy_call(LegacyExtension extension, u64 argument) {
    register u64 a0 asm("a0") = argument;
    register u64 a1 asm("a1");
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall" : "+r"(a0), "=r"(a1) : "r"(a7) : "memory");
}

class SbiSink final : public FormatSink {
  public:
    void put(char c) override { legacy_call(kConsolePutchar, static_cast<u8>(c)); }
};

}  // namespace

void boot_print(const char* text, ...) {
    SbiSink sink;
    va_list args;
    va_start(args, text);
    format(sink, text, args);
    va_end(args);
}

void sbi_shutdown() {
    legacy_call(kShutdown, 0);
    while (true) {
        asm volatile("wfi");
    }
}
