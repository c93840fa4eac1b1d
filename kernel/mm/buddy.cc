// Taking and giving blocks: the heart of the frame allocator. Interface, locks and the reason why
// most descriptors are never written: mm/buddy.h.
#include "mm/buddy.h"

constinit SpinLock frame_lock{LockRank::kFrames, "frames"};
constinit FrameList free_lists[kMaxOrder + 1];

void add_free_block(Frame& first, unsigned order) {
    ASSERT(order <= kMaxOrder);
    first.references.store_relaxed(0);
    first.state = FrameState::kFree;
    first.order = static_cast<u8>(order);
    free_lists[order].push(first);
}

static void remove_free_block(Frame& first) REQUIRES(frame_lock) {
    ASSERT(first.state == FrameState::kFree);
    first.state = FrameState::kUsed;
    free_lists[first.order].remove(first);
}

Frame* buddy_take(unsigned order) {
    // BEGIN SOLUTION(frames.allocate)
    unsigned from = order;
    while (from <= kMaxOrder && free_lists[from].first == nullptr) from++;
    if (from > kMaxOrder) return nullptr;
    Frame* block = free_lists[from].first;
    remove_free_block(*block);
    // Keep the lower half each time; the upper one becomes a free block of its own.
    while (from > order) {
        from--;
        add_free_block(block[u64{1} << from], from);
    }
    block->order = static_cast<u8>(order);
    return block;
    // END SOLUTION
    // STUB: static_cast<void>(remove_free_block);
    // STUB: panic("frames.allocate: yours to write (order %u)", order);
}

void buddy_give(Frame& first, unsigned order) {
    // BEGIN SOLUTION(frames.free)
    u64 index = static_cast<u64>(&first - frame_array.frames);
    for (; order < kMaxOrder; order++) {
        Frame& buddy = frame_array.frames[index ^ u64{1} << order];
        // A free block of another order means that only a part of the buddy is free.
        if (buddy.state != FrameState::kFree || buddy.order != order) break;
        remove_free_block(buddy);
        index &= ~(u64{1} << order);
    }
    add_free_block(frame_array.frames[index], order);
    // END SOLUTION
    // STUB: static_cast<void>(remove_free_block);
    // STUB: panic("frames.free: yours to write (%p, order %u)", &first, order);
}
