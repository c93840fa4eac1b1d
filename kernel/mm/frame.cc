// Frames with owners, above the buddy allocator. Single frames pass through a small stack per hart,
// so that the common allocation takes no lock and reuses the frame freed last.
// Interface: mm/frame.h. A hart's cache is touched by that hart only, with interrupts off; others read its counters.
#include "mm/frame.h"

#include "mm/buddy.h"
#include "mm/frame_cache.h"
#include "mm/heap.h"
#include "mm/kernel_stack.h"

constinit FrameCache frame_caches[kMaxHarts];
bool (*reclaim_memory)(usize frames) = nullptr;

namespace {

constexpr usize kReclaimGoal = 64;
u64 total_frames;

void count_use(FrameCache& cache, FrameUse use, i64 change) {
    Atomic<i64>& used = cache.used[static_cast<unsigned>(use)];
    used.store_relaxed(used.load_relaxed() + change);
}

FrameCache& this_cache() { return frame_caches[this_hart().index]; }

void own(Frame& frame, FrameUse use) {
    frame.use = use;
    frame.state = FrameState::kUsed;
    frame.references.store_relaxed(1);
}

Frame* take_single(FrameUse use) {
    InterruptsOff off;
    FrameCache& cache = this_cache();
    u32 count = cache.count.load_relaxed();
    if (count == 0) {
        count = buddy_take_singles(cache.frames, FrameCache::kBatch);
        if (count == 0) return nullptr;
    }
    Frame* frame = cache.frames[--count];
    cache.count.store_relaxed(count);
    ASSERT(frame->state == FrameState::kCached);
    own(*frame, use);
    count_use(cache, use, 1);
    return frame;
}

Frame* take_block(unsigned order, FrameUse use) {
    InterruptsOff off;
    Frame* block = buddy_take(order);
    if (block == nullptr) {
        // Frames in the cache may be what keeps blocks from uniting.
        FrameCache& cache = this_cache();
        buddy_give_singles(cache.frames, cache.count.load_relaxed());
        cache.count.store_relaxed(0);
        block = buddy_take(order);
        if (block == nullptr) return nullptr;
    }
    own(*block, use);
    count_use(this_cache(), use, i64{1} << order);
    return block;
}

void give_block(Frame& first) {
    InterruptsOff off;
    count_use(this_cache(), first.use, -(i64{1} << first.order));
    buddy_give(first, first.order);
}

void give_single(Frame& frame) {
    InterruptsOff off;
    FrameCache& cache = this_cache();
    count_use(cache, frame.use, -1);
    u32 count = cache.count.load_relaxed();
    if (count == FrameCache::kSize) {
        // Those that have lain longest go; the others are still warm.
        buddy_give_singles(cache.frames, FrameCache::kBatch);
        count -= FrameCache::kBatch;
        memcpy(cache.frames, cache.frames + FrameCache::kBatch, count * sizeof(Frame*));
    }
    frame.state = FrameState::kCached;
    cache.frames[count] = &frame;
    cache.count.store_relaxed(count + 1);
}

// When frames run out: whether it is worth trying again. With interrupts off the caller may hold
// any lock, also one that those asked here would take.
bool make_room() {
    if (!interrupts_enabled()) return false;
    usize freed = heap_release_spares() + release_idle_kernel_stacks();
    return freed > 0 || (reclaim_memory != nullptr && reclaim_memory(kReclaimGoal));
}

}  // namespace

Result<Ref<Frame>> allocate_frame(FrameFill fill, FrameUse use) {
    Frame* frame = take_single(use);
    if (frame == nullptr && make_room()) frame = take_single(use);
    if (frame == nullptr) return Errno{ENOMEM};
    if (fill == FrameFill::kZero) memset(frame->data(), 0, kPageSize);
    return Ref<Frame>::adopt(frame);
}

Frame* allocate_frames(unsigned order, FrameUse use) {
    ASSERT(order <= kMaxOrder);
    Frame* block = take_block(order, use);
    if (block == nullptr && make_room()) block = take_block(order, use);
    return block;
}

void free_frames(Frame& first, unsigned order) {
    if (first.state != FrameState::kUsed || first.order != order ||
        first.references.exchange(0) != 1) {
        panic("free_frames(%#lx, order %u): not such a block, or still owned by others",
              first.address().value, order);
    }
    give_block(first);
}

void Frame::last_release() {
    if (state != FrameState::kUsed || references.load() != 0) {
        panic("frame %#lx is released, but it has no owner", address().value);
    }
    order == 0 ? give_single(*this) : give_block(*this);
}

void start_frame_statistics(u64 total) { total_frames = total; }

MemoryStats memory_stats() {
    MemoryStats stats;
    stats.total = total_frames;
    // BEGIN SOLUTION(frames.stats)
    for (const FrameCache& cache : frame_caches) {
        stats.cached += cache.count.load_relaxed();
        for (unsigned use = 0; use < kFrameUses; use++) {
            stats.used[use] += static_cast<u64>(cache.used[use].load_relaxed());
        }
    }
    stats.free = buddy_free_frames() + stats.cached;
    // What is kept for the next user is as good as free: a shortage of memory releases it.
    u64 idle_stacks = idle_kernel_stacks() * (kStackSize / kPageSize);
    u64 spare_slabs = heap_stats().spare_slabs;
    stats.used[static_cast<unsigned>(FrameUse::kStack)] -= idle_stacks;
    stats.used[static_cast<unsigned>(FrameUse::kHeap)] -= spare_slabs;
    stats.free += idle_stacks + spare_slabs;
    // END SOLUTION
    // STUB: panic("frames.stats: yours to write");
    return stats;
}

const char* frame_use_name(FrameUse use) {
    static constexpr const char* kNames[kFrameUses] = {"kernel", "page tables", "stacks",
                                                       "heap",   "user",        "files"};
    return kNames[static_cast<unsigned>(use)];
}
