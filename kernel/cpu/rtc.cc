// The goldfish clock of QEMU's virt machine: a count of nanoseconds since 1970 in two registers.
// Reference: the goldfish virtual hardware description, "RTC"; device tree "google,goldfish-rtc".
#include "cpu/rtc.h"

#include "base/atomic.h"
#include "cpu/csr.h"
#include "cpu/init.h"
#include "cpu/layout.h"
#include "cpu/machine.h"
#include "cpu/time.h"

namespace {

// Reading the low half latches the high half.
constexpr u64 kTimeLow = 0x00;
constexpr u64 kTimeHigh = 0x04;

constinit Atomic<u64> wall_clock_at_zero{0};  // wall time when time_now() was 0

u32 read_register(PhysAddr base, u64 offset) {
    u32 value = *linear_pointer<volatile u32>(base + offset);
    device_fence();
    return value;
}

void read_rtc() {
    Result<PhysRange> range = device_tree().find_compatible("google,goldfish-rtc").reg();
    if (!range.ok() || range->size <= kTimeHigh) return;
    u64 low = read_register(range->start, kTimeLow);
    u64 high = read_register(range->start, kTimeHigh);
    set_wall_clock(high << 32 | low);
}

INIT(Stage::kMemory, read_rtc);

}  // namespace

u64 wall_clock_now() { return wall_clock_at_zero.load_relaxed() + time_now(); }
void set_wall_clock(u64 now) { wall_clock_at_zero.store(now - time_now()); }
