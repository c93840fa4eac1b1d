// Which harts have nothing to run, as one word of bits that all harts share. A hart enters itself
// before it looks for work the last time, so whoever adds work and then finds no idle hart can be
// sure that every hart will look again.
#pragma once
#include "base/atomic.h"
#include "cpu/time.h"

class IdleHarts {
  public:
    void add(unsigned index) { bits_.fetch_or(1u << index); }
    void remove(unsigned index) { bits_.fetch_and(~(1u << index)); }

    bool empty() const { return bits_.load() == 0; }

    // Takes one out and returns its index: `preferred` if it is idle; -1 where none is.
    int claim(unsigned preferred) {
        for (;;) {
            u32 idle = bits_.load();
            if (idle == 0) return -1;
            u32 bit = 1u << preferred;
            if ((idle & bit) == 0) bit = idle & -idle;
            if ((bits_.fetch_and(~bit) & bit) != 0) return static_cast<int>(log2_floor(bit));
        }
    }

  private:
    Atomic<u32> bits_{0};
};

extern IdleHarts idle_harts;

// While a thread is alone on its hart, how often the hart still looks around: for accounting, and
// for threads that wait on other harts.
inline constexpr u64 kLongTick = 100 * kMillisecond;
// How long a woken thread waits for its waker's hart before an idle hart is sent for it.
inline constexpr u64 kThiefDelay = 100 * kMicrosecond;
