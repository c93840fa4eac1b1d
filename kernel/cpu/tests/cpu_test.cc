// Facts about floor cpu that can be seen from inside.
#include "base/ktest.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "cpu/panic.h"
#include "cpu/spinlock.h"
#include "cpu/time.h"

KTEST(cpu_time_goes_on_and_timer_fires) {
    u64 start = time_now();
    while (time_now() < start + 50 * kMillisecond) wait_for_interrupt();
    EXPECT(time_now() >= start + 50 * kMillisecond);
}

KTEST(cpu_breakpoint_is_passed) {
    asm volatile(".option push\n .option norvc\n ebreak\n .option pop" ::: "memory");
    asm volatile(".option push\n .option rvc\n c.ebreak\n .option pop" ::: "memory");
    EXPECT(true);
}

// All registers that the ABI lets us watch survive traps; the timer fires in between.
KTEST(cpu_registers_survive_traps) {
    u64 sum = 0;
    for (u64 round = 0; round < 200; round++) {
        u64 a = round, b = round + 1, c = round + 2;
        asm volatile("ebreak" : "+r"(a), "+r"(b), "+r"(c)::"memory");
        sum += a + b + c;
        if (round > 2) {
            break;  // each prints a line
        }
    }
    EXPECT_EQ(sum, u64{0 + 1 + 2 + 1 + 2 + 3 + 2 + 3 + 4 + 3 + 4 + 5});
}

KTEST(cpu_spinlock_turns_interrupts_off) {
    SpinLock outer(LockRank::kWait, "test outer"), inner(LockRank::kWaitQueue, "test inner");
    EXPECT(interrupts_enabled());
    {
        SpinGuard one(outer);
        EXPECT(!interrupts_enabled() && outer.held_here());
        { SpinGuard two(inner); }
        EXPECT(!interrupts_enabled() && !inner.held_here());
    }
    EXPECT(interrupts_enabled());
}

KTEST(cpu_symbols_name_functions) {
    Symbol symbol = symbol_at(reinterpret_cast<u64>(&print_trap_frame) + 4);
    EXPECT(symbol.name != nullptr && StringView(symbol.name).starts_with("print_trap_frame"));
    EXPECT_EQ(symbol.offset, u64{4});
    EXPECT(symbol_at(0x1000).name == nullptr);
}

KTEST(cpu_log_keeps_messages) {
    kprintf("log test line\n");
    u8 end[14];
    EXPECT_EQ(read_log(Bytes(end)), sizeof end);
    EXPECT(StringView(reinterpret_cast<char*>(end), sizeof end) == StringView("log test line\n"));
}

KTEST(cpu_boot_options) {
    EXPECT(!boot_option("ktest").empty());
    EXPECT(boot_option("no-such-option", "fallback") == StringView("fallback"));
}
