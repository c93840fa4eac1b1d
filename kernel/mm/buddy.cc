// Taking and giving blocks: the heart of the frame allocator. Interface, locks and the reason why
// most descriptors are never written: mm/buddy.h.
#include "mm/buddy.h"

constinit SpinLock frame_lock{LockRank::kFrames, "frames"};
constinit FreeList free_lists[kMaxOrder + 1];

namespace {

Frame* take(unsigned order) REQUIRES(frame_lock) {
    // BEGIN SOLUTION(frames.allocate)
    unsigned from = order;
    while (from <= kMaxOrder && free_lists[from].first == nullptr) from++;
    if (from > kMaxOrder) return nullptr;
    Frame* block = free_lists[from].first;
    free_lists[from].remove(*block);
    // Keep the lower half each time; the upper one becomes a free block of its own.
    while (from > order) {
        from--;
        free_lists[from].push(block[u64{1} << from], from);
    }
    block->order = static_cast<u8>(order);
    return block;
    // END SOLUTION
    // STUB: panic("frames.allocate: yours to write (order %u)", order);
}

void give(Frame& first, unsigned order) REQUIRES(frame_lock) {
    // BEGIN SOLUTION(frames.free)
    u64 index = static_cast<u64>(&first - frame_array.frames);
    while (order < kMaxOrder) {
        Frame& buddy = frame_array.frames[index ^ u64{1} << order];
        // A free block of another order means that only a part of the buddy is free.
        if (buddy.state != FrameState::kFree || buddy.order != order) break;
        free_lists[order].remove(buddy);
        index &= ~(u64{1} << order);
        order++;
    }
    free_lists[order].push(frame_array.frames[index], order);
    // END SOLUTION
    // STUB: panic("frames.free: yours to write (%p, order %u)", &first, order);
}

// Cuts a used block into single frames and notes them in `frames`.
unsigned cut_into_singles(Frame* block, unsigned order, Frame** frames) {
    unsigned count = 1u << order;
    for (unsigned i = 0; i < count; i++) {
        block[i].references.store_relaxed(0);
        block[i].state = FrameState::kCached;
        block[i].order = 0;
        frames[i] = &block[i];
    }
    return count;
}

}  // namespace

Frame* buddy_take(unsigned order) {
    SpinGuard guard(frame_lock);
    return take(order);
}

void buddy_give(Frame& first, unsigned order) {
    SpinGuard guard(frame_lock);
    give(first, order);
}

unsigned buddy_take_singles(Frame** frames, unsigned wanted) {
    SpinGuard guard(frame_lock);
    unsigned got = 0;
    const unsigned largest = log2_floor(wanted);
    for (unsigned order = 0; order <= largest; order++) {
        while (got + (1u << order) <= wanted && free_lists[order].first != nullptr) {
            got += cut_into_singles(take(order), order, frames + got);
        }
    }
    if (got == 0) {
        // Nothing small is left: one larger block serves all, at the price of one split.
        Frame* block = take(largest);
        got = block == nullptr ? 0 : cut_into_singles(block, largest, frames);
    }
    return got;
}

void buddy_give_singles(Frame** frames, unsigned count) {
    SpinGuard guard(frame_lock);
    for (unsigned i = 0; i < count; i++) give(*frames[i], 0);
}

u64 buddy_free_frames() {
    SpinGuard guard(frame_lock);
    u64 sum = 0;
    for (unsigned order = 0; order <= kMaxOrder; order++) sum += free_lists[order].count << order;
    return sum;
}
