// Facts about kernel stacks.
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/layout.h"
#include "mm/kernel_stack.h"
#include "mm/tests/test_memory.h"

namespace {

constexpr unsigned kStacks = 40;

u8* bottom(u64 top) { return reinterpret_cast<u8*>(top - kStackSize); }

bool is_whole(u64 top, int fill) {
    for (usize i = 0; i < kStackSize; i++) {
        if (bottom(top)[i] != fill) return false;
    }
    return true;
}

}  // namespace

KTEST(stacks_are_apart_with_guards_below) {
    u64 tops[kStacks];
    for (unsigned round = 0; round < 2; round++) {
        FrameCount frames;
        for (unsigned i = 0; i < kStacks; i++) {
            tops[i] = map_kernel_stack().value();
            EXPECT(tops[i] % kStackSlot == 0);
            memset(bottom(tops[i]), static_cast<int>(i), kStackSize);
        }
        for (unsigned i = 0; i < kStacks; i++) {
            EXPECT(is_whole(tops[i], static_cast<int>(i)));
            VirtAddr below(tops[i] - kStackSize - 1);
            EXPECT(!mapping_of(kernel_page_table(), below).valid());
        }
        for (u64 top : tops) unmap_kernel_stack(top);
        // The first round may have needed a table, which stays.
        EXPECT(round == 0 || frames.unchanged());
    }
}

KTEST(stacks_random_reuse_keeps_contents_apart) {
    Random random(test_seed());
    u64 tops[kStacks] = {};
    for (unsigned step = 0; step < 500; step++) {
        unsigned i = static_cast<unsigned>(random.below(kStacks));
        if (tops[i] == 0) {
            tops[i] = map_kernel_stack().value();
            memset(bottom(tops[i]), static_cast<int>(i), kStackSize);
        } else {
            EXPECT(is_whole(tops[i], static_cast<int>(i)));
            unmap_kernel_stack(exchange(tops[i], u64{0}));
        }
    }
    for (u64 top : tops) {
        if (top != 0) unmap_kernel_stack(top);
    }
}

KTEST(stacks_idle_ones_serve_when_memory_is_short) {
    u64 top = map_kernel_stack().value();
    unmap_kernel_stack(top);
    EXPECT(idle_kernel_stacks() > 0);
    Frame* chain = nullptr;
    for (;;) {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone);
        if (!frame.ok()) break;
        frame->get()->next = chain;
        chain = frame->leak();
    }
    EXPECT_EQ(idle_kernel_stacks(), usize{0});
    EXPECT(!map_kernel_stack().ok());
    while (chain != nullptr) {
        Frame* first = chain;
        chain = first->next;
        first->release();
    }
}
