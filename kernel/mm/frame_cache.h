// The single free frames that each hart keeps for itself (see mm/frame.cc); a header of its own
// because tests and the host's walkers look into it.
#pragma once
#include "cpu/hart.h"
#include "mm/frame.h"

struct alignas(64) FrameCache {
    static constexpr u32 kSize = 32;
    static constexpr u32 kBatch = 16;  // frames moved at a time from and to the buddy allocator

    Frame* frames[kSize] = {};  // the first `count` are there; the last was freed last
    Atomic<u32> count{0};
    Atomic<i64> used[kFrameUses] = {};  // taken minus freed by this hart: only the sum over harts
                                        // means something
};
extern constinit FrameCache frame_caches[kMaxHarts];

// Told once at boot how many frames there are.
void start_frame_statistics(u64 total);
