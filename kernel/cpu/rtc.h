// The time of day. The battery-backed clock is read once at boot; from then on wall time is that
// moment plus what time_now() has counted since. May be called anywhere.
#pragma once
#include "base/types.h"

// Nanoseconds since 1970-01-01 00:00 UTC. Where the machine has no clock, it was 1970 at boot.
u64 wall_clock_now();
// Makes it `now` from here on; the battery-backed clock stays as it is.
void set_wall_clock(u64 now);
