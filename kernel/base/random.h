// A small reproducible random number generator (xorshift64*), for seeded tests and schedules; not
// for secrets. Reference: Marsaglia, "Xorshift RNGs", 2003.
#pragma once
#include "base/types.h"

class Random {
  public:
    constexpr explicit Random(u64 seed) : state_(seed != 0 ? seed : 0x9e3779b97f4a7c15) {}

    constexpr u64 next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1d;
    }
    // A number below `bound`, which is not 0.
    constexpr u64 below(u64 bound) { return next() % bound; }

  private:
    u64 state_;
};
