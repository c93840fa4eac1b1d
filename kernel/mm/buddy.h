// The buddy allocator below mm/frame.h: free memory as blocks of 2^order frames, each aligned to
// its size, in one list per order. A block is split in halves when a smaller one is wanted; a freed
// block unites with its buddy, the other half, when that is free too.
// Only the first frame of a block has a written descriptor. That is enough: a block of order n
// comes from splitting one of order n + 1, which writes both halves' descriptors, so a block's
// buddy has one whenever it is looked at. Booting writes one for each 4 MiB, not for each 4 KiB.
// Locks: each function takes frame_lock. Reference: Knuth, TAOCP volume 1, 2.5.
#pragma once
#include "cpu/machine.h"
#include "cpu/spinlock.h"
#include "mm/frame.h"

extern constinit SpinLock frame_lock;

// The free blocks of one order, the one freed last in front.
struct FreeList {
    Frame* first = nullptr;
    u64 count = 0;

    // Makes `block` a free block of `order` frames and puts it in front.
    void push(Frame& block, unsigned order) {
        block.references.store_relaxed(0);
        block.state = FrameState::kFree;
        block.order = static_cast<u8>(order);
        block.previous = nullptr;
        block.next = first;
        if (first != nullptr) first->previous = &block;
        first = &block;
        count++;
    }

    // Takes `block` out, wherever it is in the list; it becomes used, without an owner.
    void remove(Frame& block) {
        ASSERT(block.state == FrameState::kFree);
        (block.previous != nullptr ? block.previous->next : first) = block.next;
        if (block.next != nullptr) block.next->previous = block.previous;
        block.state = FrameState::kUsed;
        count--;
    }
};

// By order. Known to the host's walkers under this name (docs/mm.md).
extern constinit FreeList free_lists[kMaxOrder + 1] GUARDED_BY(frame_lock);

// A free block of 2^order frames, now used and without an owner; or null.
Frame* buddy_take(unsigned order);
void buddy_give(Frame& first, unsigned order);
// Up to `wanted` single frames (state kCached) from small blocks first; returns how many.
unsigned buddy_take_singles(Frame** frames, unsigned wanted);
void buddy_give_singles(Frame** frames, unsigned count);
// Frames in free blocks.
u64 buddy_free_frames();

// Makes the array of descriptors and the first free blocks from RAM minus what is taken; returns
// how many frames there are to give out.
u64 initialise_frames(Span<const PhysRange> memory, Span<const PhysRange> reserved);
