// The buddy allocator below mm/frame.h: free memory as blocks of 2^order frames, each aligned to
// its size, in one list per order. A block is split in halves when a smaller one is wanted; a freed
// block unites with its buddy, the other half, when that is free too.
// Only the first frame of a block has a written descriptor. That is enough: a block of order n
// comes from splitting one of order n + 1, which writes both halves' descriptors, so a block's buddy
// has one whenever it is looked at. So booting writes a descriptor for each 4 MiB, not each 4 KiB.
// Locks: each function takes kFrames. Reference: Knuth, TAOCP volume 1, 2.5.
#pragma once
#include "cpu/machine.h"
#include "mm/frame.h"

struct FreeList {
    Frame* first = nullptr;
    u64 count = 0;
};

// Known to the host's walkers, as `free_lists` (docs/mm.md).
extern constinit FreeList free_lists[kMaxOrder + 1];

// A free block of 2^order frames, taken off its list (state kUsed, no owner), or null.
Frame* buddy_take(unsigned order);
// Up to `wanted` single frames, small blocks first; returns how many.
unsigned buddy_take_singles(Frame** frames, unsigned wanted);
void buddy_give(Frame& first, unsigned order);
void buddy_give_singles(Frame** frames, unsigned count);
// Frames in free blocks.
u64 buddy_free_frames();

// Makes the array of descriptors and the first free blocks from RAM minus what is taken.
void initialise_frames(Span<const MemoryRange> memory, Span<const MemoryRange> reserved);
