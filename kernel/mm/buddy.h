// The buddy allocator below mm/frame.h: free memory as blocks of 2^order frames, each aligned to
// its size, in one list per order. A block is split in halves when a smaller one is wanted; a freed
// block unites with its buddy, the other half, when that is free too.
// Only the first frame of a block has a written descriptor. That is enough: a block of order n
// comes from splitting one of order n + 1, which writes both halves' descriptors, so a block's
// buddy has one whenever it is looked at. Booting writes one for each 4 MiB, not for each 4 KiB.
// All of this is guarded by frame_lock. Reference: Knuth, TAOCP volume 1, 2.5.
#pragma once
#include "cpu/machine.h"
#include "cpu/spinlock.h"
#include "mm/frame.h"

extern constinit SpinLock frame_lock;
// The free blocks by order. Known to the host's walkers under this name (docs/mm.md).
extern constinit FrameList free_lists[kMaxOrder + 1] GUARDED_BY(frame_lock);

// A free block of 2^order frames, now used and without an owner; or null.
Frame* buddy_take(unsigned order) REQUIRES(frame_lock);
// Makes a block free, together with its buddies where those are free.
void buddy_give(Frame& first, unsigned order) REQUIRES(frame_lock);
// The same, but it unites with nothing.
void add_free_block(Frame& first, unsigned order) REQUIRES(frame_lock);

// Makes the array of descriptors and the first free blocks from RAM minus what is taken.
void initialise_frames(Span<const PhysRange> memory, Span<const PhysRange> reserved);

// The single free frames that each hart keeps for itself (see mm/frame.cc). Known to walkers too.
struct alignas(64) FrameCache {
    static constexpr u32 kSize = 32;
    static constexpr u32 kBatch = 16;  // frames moved at a time from and to the buddy allocator

    Frame* frames[kSize] = {};  // the first `count` are there; the last was freed last
    Atomic<u32> count{0};
    Atomic<i64> used[kFrameUses] = {};  // taken minus freed by this hart: only the sum over harts
                                        // means something
};
extern constinit FrameCache frame_caches[kMaxHarts];
