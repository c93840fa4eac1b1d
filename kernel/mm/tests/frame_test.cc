// Facts about page frames. The traces are random; seed=<n> on the command line repeats one.
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "mm/buddy.h"
#include "mm/tests/test_memory.h"

namespace {

struct Block {
    Frame* first = nullptr;
    unsigned order = 0;
    u64 tag = 0;

    u64 start() const { return first->address().value; }
    u64 size() const { return kPageSize << order; }
    u64* word(u64 i) const { return linear_pointer<u64>(first->address()) + i; }
    u64 last_word() const { return size() / sizeof(u64) - 1; }
};

bool disjoint(const Block& a, const Block& b) {
    return a.start() + a.size() <= b.start() || b.start() + b.size() <= a.start();
}

// Whether all of a block is RAM that nobody else was using at boot.
bool is_free_ram(PhysRange block) {
    bool inside = false;
    for (unsigned i = 0; i < machine().memory_count; i++) {
        inside = inside || machine().memory[i].covers(block);
    }
    for (unsigned i = 0; i < machine().reserved_count; i++) {
        inside = inside && !machine().reserved[i].overlaps(block);
    }
    PhysRange descriptors{physical_address(frame_array.frames), frame_array.count * sizeof(Frame)};
    PhysRange kernel{physical_address(kernel_start), static_cast<u64>(kernel_end - kernel_start)};
    return inside && !block.overlaps(descriptors) && !block.overlaps(kernel);
}

Array<u64, kMaxOrder + 1> free_counts() {
    Array<u64, kMaxOrder + 1> counts{};
    SpinGuard guard(frame_lock);
    for (unsigned order = 0; order <= kMaxOrder; order++) counts[order] = free_lists[order].count;
    return counts;
}

void check_new_block(const Block* live, unsigned count, const Block& block) {
    EXPECT(block.start() % block.size() == 0);
    EXPECT(is_free_ram({PhysAddr(block.start()), block.size()}));
    for (unsigned i = 0; i < count; i++) EXPECT(disjoint(live[i], block));
    *block.word(0) = *block.word(block.last_word()) = block.tag;
}

void give(const Block& block) {
    EXPECT_EQ(*block.word(0), block.tag);
    EXPECT_EQ(*block.word(block.last_word()), block.tag);
    free_frames(*block.first, block.order);
}

// Allocates single frames until there are none, chained through their descriptors (the frames
// themselves stay untouched: there may be many); returns how many.
u64 take_all(Frame*& chain) {
    u64 count = 0;
    for (;;) {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, FrameUse::kUser);
        if (!frame.ok()) {
            EXPECT_EQ(frame.error().number, ENOMEM);
            return count;
        }
        Frame* taken = frame->leak();
        taken->next = chain;
        chain = taken;
        count++;
    }
}

void release_all(Frame*& chain) {
    while (chain != nullptr) {
        Frame* first = chain;
        chain = first->next;
        first->release();
    }
}

Frame* reserve_of_hook = nullptr;
unsigned hook_calls = 0;

bool give_up_reserve(usize) {
    hook_calls++;
    EXPECT(interrupts_enabled());
    bool any = reserve_of_hook != nullptr;
    release_all(reserve_of_hook);
    return any;
}

}  // namespace

KTEST(frames_free_blocks_are_free_ram) {
    u64 frames = 0;
    SpinGuard guard(frame_lock);
    for (unsigned order = 0; order <= kMaxOrder; order++) {
        u64 length = 0;
        for (Frame* block = free_lists[order].first; block != nullptr; block = block->next) {
            EXPECT(block->state == FrameState::kFree && block->order == order);
            EXPECT(block->next == nullptr || block->next->previous == block);
            EXPECT(block->address().is_aligned(kPageSize << order));
            EXPECT(is_free_ram({block->address(), kPageSize << order}));
            length++;
        }
        EXPECT_EQ(length, free_lists[order].count);
        frames += length << order;
    }
    EXPECT(frames > 0);
}

KTEST(frames_random_trace_keeps_blocks_apart) {
    constexpr unsigned kLive = 48;
    Random random(test_seed());
    Block live[kLive];
    unsigned count = 0;
    Array<u64, kMaxOrder + 1> before = free_counts();
    for (unsigned step = 0; step < 3000; step++) {
        if (count == kLive || (count > 0 && random.below(2) == 0)) {
            unsigned victim = static_cast<unsigned>(random.below(count));
            give(live[victim]);
            live[victim] = live[--count];
            continue;
        }
        // Small orders mostly: the largest ones would soon have all of a small machine.
        auto order = static_cast<unsigned>(random.below(random.below(8) == 0 ? kMaxOrder - 1 : 4));
        Block block{allocate_frames(order), order, random.next()};
        if (block.first != nullptr) {
            check_new_block(live, count, block);
            live[count++] = block;
        }
    }
    while (count > 0) give(live[--count]);
    // All buddies have united again: as many blocks of each order as at the start.
    Array<u64, kMaxOrder + 1> after = free_counts();
    for (unsigned order = 0; order <= kMaxOrder; order++) EXPECT_EQ(after[order], before[order]);
}

KTEST(frames_exhaustion_recovers) {
    MemoryStats before = memory_stats();
    Frame* chain = nullptr;
    u64 taken = take_all(chain);
    MemoryStats empty = memory_stats();
    // Only what lies in other harts' caches cannot be had.
    EXPECT(empty.free <= FrameCache::kSize * (hart_count() - 1));
    EXPECT_EQ(taken + empty.free, before.free);
    EXPECT(allocate_frames(0) == nullptr && allocate_frames(kMaxOrder) == nullptr);
    release_all(chain);
    EXPECT_EQ(memory_stats().free, before.free);
    Frame* large = allocate_frames(kMaxOrder);
    EXPECT(large != nullptr);
    if (large != nullptr) large->release();
}

KTEST(frames_go_back_with_the_last_owner) {
    FrameCount frames;
    Ref<Frame> first = allocate_frame(FrameFill::kNone).value();
    EXPECT_EQ(first->reference_count(), 1u);
    Ref<Frame> second = first;
    EXPECT_EQ(first->reference_count(), 2u);
    Frame* frame = first.get();
    first = nullptr;
    EXPECT(frame->state == FrameState::kUsed && frame->reference_count() == 1);
    second = nullptr;
    EXPECT(frame->state == FrameState::kCached);
    EXPECT(frames.unchanged());
}

KTEST(frames_are_zero_on_demand) {
    for (unsigned i = 0; i < 100; i++) {
        Ref<Frame> frame = allocate_frame(FrameFill::kZero).value();
        u64* words = linear_pointer<u64>(frame->address());
        u64 any = 0;
        for (unsigned w = 0; w < kPageSize / sizeof(u64); w++) any |= words[w];
        EXPECT_EQ(any, u64{0});
        memset(words, 0xa5, kPageSize);
    }
}

KTEST(frames_know_their_address) {
    Ref<Frame> frame = allocate_frame(FrameFill::kNone).value();
    EXPECT(frame_at(frame->address()) == frame.get());
    EXPECT(frame_at(frame->address() + kPageSize - 1) == frame.get());
    EXPECT(frame_at(PhysAddr(0)) == nullptr);
    EXPECT(frame_at(PhysAddr(~u64{0})) == nullptr);
    Frame* kernel = frame_at(physical_address(kernel_start));
    EXPECT(kernel->state == FrameState::kReserved);
    kernel->retain();
    kernel->release();
    EXPECT_EQ(kernel->reference_count(), 1u);
}

KTEST(frames_statistics_add_up) {
    MemoryStats before = memory_stats();
    Ref<Frame> file = allocate_frame(FrameFill::kNone, FrameUse::kFile).value();
    Frame* block = allocate_frames(3, FrameUse::kUser);
    MemoryStats during = memory_stats();
    auto used = [](MemoryStats& s, FrameUse use) { return s.used[static_cast<unsigned>(use)]; };
    EXPECT_EQ(used(during, FrameUse::kFile), used(before, FrameUse::kFile) + 1);
    EXPECT_EQ(used(during, FrameUse::kUser), used(before, FrameUse::kUser) + 8);
    u64 sum = during.free;
    for (u64 frames : during.used) sum += frames;
    EXPECT_EQ(sum, during.total);
    free_frames(*block, 3);
}

KTEST(frames_shortage_asks_for_reclaim_once_nothing_is_held) {
    auto old_hook = exchange(reclaim_memory, give_up_reserve);
    hook_calls = 0;
    for (unsigned i = 0; i < 100; i++) {
        Frame* frame = allocate_frame(FrameFill::kNone).value().leak();
        frame->next = exchange(reserve_of_hook, frame);
    }
    Frame* chain = nullptr;
    take_all(chain);
    EXPECT_EQ(hook_calls, 2u);  // once with success, once in vain
    {
        InterruptsOff off;
        EXPECT(!allocate_frame(FrameFill::kNone).ok());
    }
    EXPECT_EQ(hook_calls, 2u);
    release_all(chain);
    reclaim_memory = old_hook;
}
