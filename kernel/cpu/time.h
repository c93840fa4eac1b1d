// The machine's clock, and the one timer interrupt of each hart. Sstc's stimecmp where the device
// tree says that it is there, else SBI. Durations are nanoseconds unless a name says ticks.
#pragma once
#include "base/types.h"

inline constexpr u64 kNanosecond = 1;
inline constexpr u64 kMicrosecond = 1000 * kNanosecond;
inline constexpr u64 kMillisecond = 1000 * kMicrosecond;
inline constexpr u64 kSecond = 1000 * kMillisecond;

// Nanoseconds since some moment before boot; never goes back.
u64 time_now();
// Makes the timer interrupt of this hart fire at `deadline` (as time_now counts); kNever disarms.
inline constexpr u64 kNever = ~u64{0};
void set_timer(u64 deadline);
// The default timer hook: a tick every 10 ms.
void ask_for_next_tick();
