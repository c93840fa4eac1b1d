// Frames with owners, above the buddy allocator. Single frames pass through a small stack per hart,
// so that the common allocation takes no lock and reuses the frame freed last.
// Interface: mm/frame.h. A hart's cache is touched by that hart only, with interrupts off; others
// read its counters.
#include "mm/frame.h"

#include "mm/buddy.h"
#include "mm/failing.h"
#include "mm/heap.h"
#include "mm/kernel_stack.h"

constinit FrameCache frame_caches[kMaxHarts];
bool (*reclaim_memory)(usize frames) = nullptr;
#if FAIL
bool (*fail_allocation)() = nullptr;
#endif

namespace {

constexpr usize kReclaimGoal = 64;

FrameCache& this_cache() { return frame_caches[this_hart().index]; }

void own(Frame& frame, FrameUse use, FrameCache& cache) {
    frame.use = use;
    frame.state = FrameState::kUsed;
    frame.references.store_relaxed(1);
    cache.used[static_cast<unsigned>(use)].fetch_add(i64{1} << frame.order);
}

void disown(Frame& frame, FrameCache& cache) {
    cache.used[static_cast<unsigned>(frame.use)].fetch_sub(i64{1} << frame.order);
}

// Gets frames for an empty cache; returns how many.
u32 fill(FrameCache& cache) {
    SpinGuard guard(frame_lock);
    u32 count = 0;
    for (; count < FrameCache::kBatch; count++) {
        Frame* frame = cache.frames[count] = buddy_take(0);
        if (frame == nullptr) break;
        frame->state = FrameState::kCached;
    }
    return count;
}

// Gives back all but `keep`: those that have lain longest, as the others are still warm.
void drain(FrameCache& cache, u32 keep) REQUIRES(frame_lock) {
    const u32 excess = cache.count.load_relaxed() - keep;
    for (u32 i = 0; i < excess; i++) buddy_give(*cache.frames[i], 0);
    for (u32 i = 0; i < keep; i++) cache.frames[i] = cache.frames[excess + i];
    cache.count.store_relaxed(keep);
}

Frame* take_single(FrameUse use) {
    InterruptsOff off;
    FrameCache& cache = this_cache();
    u32 count = cache.count.load_relaxed();
    if (count == 0) count = fill(cache);
    if (count == 0) return nullptr;
    Frame* frame = cache.frames[--count];
    cache.count.store_relaxed(count);
    ASSERT(frame->state == FrameState::kCached);
    own(*frame, use, cache);
    return frame;
}

void give_single(Frame& frame) {
    InterruptsOff off;
    FrameCache& cache = this_cache();
    disown(frame, cache);
    if (cache.count.load_relaxed() == FrameCache::kSize) {
        SpinGuard guard(frame_lock);
        drain(cache, FrameCache::kBatch);
    }
    const u32 count = cache.count.load_relaxed();
    frame.state = FrameState::kCached;
    cache.frames[count] = &frame;
    cache.count.store_relaxed(count + 1);
}

Frame* take_block(unsigned order, FrameUse use) {
    SpinGuard guard(frame_lock);
    Frame* block = buddy_take(order);
    if (block == nullptr) {
        // Frames in the cache may be what keeps blocks from uniting.
        drain(this_cache(), 0);
        block = buddy_take(order);
    }
    if (block != nullptr) own(*block, use, this_cache());
    return block;
}

void give_block(Frame& first) {
    SpinGuard guard(frame_lock);
    disown(first, this_cache());
    buddy_give(first, first.order);
}

// When frames run out: whether it is worth trying again. With interrupts off the caller may hold
// any lock, also one that those asked here would take.
bool make_room() {
    if (!interrupts_enabled()) return false;
    const usize freed = heap_release_spares() + release_idle_kernel_stacks();
    // Asked in any case: what was freed may lie apart, where a block is wanted.
    const bool reclaimed = reclaim_memory != nullptr && reclaim_memory(kReclaimGoal);
    return freed > 0 || reclaimed;
}

}  // namespace

Result<Ref<Frame>> allocate_frame(FrameFill fill, FrameUse use) {
    if (allocation_fails()) return Errno{ENOMEM};
    Frame* frame = take_single(use);
    if (frame == nullptr && make_room()) frame = take_single(use);
    if (frame == nullptr) return Errno{ENOMEM};
    if (fill == FrameFill::kZero) memset(frame->data(), 0, kPageSize);
    return Ref<Frame>::adopt(frame);
}

Frame* allocate_frames(unsigned order, FrameUse use) {
    ASSERT(order <= kMaxOrder);
    if (allocation_fails()) return nullptr;
    Frame* block = take_block(order, use);
    if (block == nullptr && make_room()) block = take_block(order, use);
    return block;
}

void free_frames(Frame& first, unsigned order) {
    // BEGIN SOLUTION(frames.free_frames)
    if (first.state != FrameState::kUsed || first.order != order ||
        first.references.exchange(0) != 1) {
        panic("free_frames(%#lx, order %u): not such a block, or still owned by others",
              first.address().value, order);
    }
    give_block(first);
    // END SOLUTION
    // STUB: panic("frames.free_frames: yours to write (%p, order %u)", &first, order);
}

void Frame::last_release() {
    // BEGIN SOLUTION(frames.last_release)
    if (state != FrameState::kUsed || references.load() != 0) {
        panic("frame %#lx is released, but it has no owner", address().value);
    }
    order == 0 ? give_single(*this) : give_block(*this);
    // END SOLUTION
    // STUB: static_cast<void>(give_single), static_cast<void>(give_block);
    // STUB: panic("frames.last_release: yours to write (state %d)", static_cast<int>(state));
}

MemoryStats memory_stats() {
    MemoryStats stats;
    // BEGIN SOLUTION(frames.stats)
    for (const FrameCache& cache : frame_caches) {
        stats.free += cache.count.load_relaxed();
        for (unsigned use = 0; use < kFrameUses; use++) {
            stats.used[use] += static_cast<u64>(cache.used[use].load_relaxed());
        }
    }
    // What is kept for the next user is as good as free: a shortage of memory releases it.
    const u64 idle_stacks = idle_kernel_stacks() * (kStackSize / kPageSize);
    const u64 spare_slabs = heap_stats().spare_slabs;
    stats.used[static_cast<unsigned>(FrameUse::kStack)] -= idle_stacks;
    stats.used[static_cast<unsigned>(FrameUse::kHeap)] -= spare_slabs;
    stats.free += idle_stacks + spare_slabs;
    SpinGuard guard(frame_lock);
    for (unsigned order = 0; order <= kMaxOrder; order++) {
        stats.free += free_lists[order].count << order;
    }
    // END SOLUTION
    // STUB: panic("frames.stats: yours to write");
    return stats;
}
