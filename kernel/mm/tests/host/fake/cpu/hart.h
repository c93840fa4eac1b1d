// The host's stand-in for cpu/hart.h: two harts, of which the test says which one it is.
#pragma once
#include "base/atomic.h"
#include "base/types.h"

inline constexpr unsigned kMaxHarts = 8;
struct Hart {
    unsigned index = 0;
};
inline Hart host_hart;
inline u32 host_interrupts_off = 0;

inline Hart& this_hart() { return host_hart; }
inline bool interrupts_enabled() { return host_interrupts_off == 0; }

class InterruptsOff : Immovable {
  public:
    InterruptsOff() { host_interrupts_off++; }
    ~InterruptsOff() { host_interrupts_off--; }
};
