// Floor mm under fire from all harts: threads that allocate, write, check and free at random. It
// stands here because it takes threads to run code on several harts.
#include "base/heap.h"
#include "base/ktest.h"
#include "base/random.h"
#include "mm/kernel_stack.h"
#include "mm/tests/test_memory.h"
#include "thread/tests/crowd.h"

namespace {

constexpr unsigned kLive = 24;
constexpr unsigned kSteps = 3000;

Frame* take_single() {
    Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, FrameUse::kUser);
    return frame.ok() ? frame->leak() : nullptr;
}

// Something allocated, with a tag at both ends.
struct Holding {
    u64* data = nullptr;
    usize words = 0;
    Frame* block = nullptr;  // null: from the heap
    u64 tag = 0;

    bool take(Random& random) {
        tag = random.next();
        if (random.below(3) == 0) {
            words = 2 + random.below(600);
            block = nullptr;
            data = static_cast<u64*>(heap_allocate(words * sizeof(u64)));
        } else {
            auto order = static_cast<unsigned>(random.below(4) == 0 ? random.below(4) : 0);
            block = order > 0 ? allocate_frames(order) : take_single();
            words = (kPageSize << order) / sizeof(u64);
            data = block == nullptr ? nullptr : linear_pointer<u64>(block->address());
        }
        if (data == nullptr) return false;
        data[0] = data[words - 1] = tag;
        return true;
    }

    bool give() {
        bool intact = data[0] == tag && data[words - 1] == tag;
        block != nullptr ? block->release() : heap_free(data);
        data = nullptr;
        return intact;
    }
};

void churn(unsigned index) {
    Random random(test_seed() * 100 + index);
    Holding live[kLive];
    for (unsigned step = 0; step < kSteps; step++) {
        Holding& one = live[random.below(kLive)];
        if (one.data != nullptr)
            EXPECT(one.give());
        else
            EXPECT(one.take(random));
    }
    for (Holding& one : live) {
        if (one.data != nullptr) EXPECT(one.give());
    }
}

void churn_stacks(unsigned index) {
    Random random(test_seed() * 100 + index);
    u64 tops[12] = {};
    for (unsigned step = 0; step < 300; step++) {
        u64& top = tops[random.below(array_size(tops))];
        if (top != 0) {
            EXPECT_EQ(*reinterpret_cast<u64*>(top - 8), top + index);
            unmap_kernel_stack(exchange(top, u64{0}));
            continue;
        }
        top = map_kernel_stack().value();
        *reinterpret_cast<u64*>(top - 8) = top + index;
    }
    for (u64 top : tops) {
        if (top != 0) unmap_kernel_stack(top);
    }
}

}  // namespace

KTEST(thread_memory_withstands_all_harts) {
    { Crowd warm_up(8, churn); }
    FrameCount frames;
    { Crowd crowd(8, churn); }
    EXPECT(frames.unchanged());
}

KTEST(thread_kernel_stacks_withstand_all_harts) {
    { Crowd warm_up(4, churn_stacks); }
    FrameCount frames;
    { Crowd crowd(4, churn_stacks); }
    EXPECT(frames.unchanged());
}
