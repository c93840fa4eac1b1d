// The clock and the timer. See time.h.
#include "cpu/time.h"

#include "base/panic.h"
#include "cpu/cpu.h"
#include "cpu/csr.h"
#include "cpu/machine.h"
#include "cpu/sbi.h"

namespace {

constexpr u64 kTickPeriod = 10 * kMillisecond;

constinit bool use_stimecmp = false;
constinit u64 nanoseconds_per_tick = 0;  // exact: QEMU's clock runs at 10 MHz; else rounded down

u64 to_ticks(u64 nanoseconds) { return nanoseconds / nanoseconds_per_tick + 1; }

}  // namespace

u64 time_now() { return read_csr(time) * nanoseconds_per_tick; }

// BEGIN SOLUTION(console.set_timer)
void set_timer(u64 deadline) {
    u64 at = deadline == kNever ? kNever : to_ticks(deadline);
    if (use_stimecmp) {
        asm volatile("csrw 0x14d, %0" ::"r"(at));  // stimecmp: this assembler has no name for it
    } else {
        sbi_set_timer(at);
    }
}
// END SOLUTION
// STUB: void set_timer(u64 deadline) {
// STUB:     static_cast<void>(use_stimecmp), static_cast<void>(to_ticks(deadline));
// STUB: }
// UNTIL: void set_timer(u64 deadline) {
// UNTIL:     static_cast<void>(use_stimecmp), static_cast<void>(to_ticks(deadline));
// UNTIL: }

void ask_for_next_tick() { set_timer(time_now() + kTickPeriod); }

void setup_time_on_this_hart() {
    set_timer(kNever);
    set_csr_bits(sie, SIE_STIE);
}

void setup_time() {
    use_stimecmp = machine().has_sstc;
    u64 frequency = machine().timebase_frequency;
    if (frequency == 0 || frequency > kSecond) {
        panic("cpu: the device tree gives a clock of %lu Hz", frequency);
    }
    nanoseconds_per_tick = kSecond / frequency;
    setup_time_on_this_hart();
    ask_for_next_tick();
}
