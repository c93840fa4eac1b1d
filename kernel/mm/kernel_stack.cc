// Slots for kernel stacks, of which a bitmap says which are mapped, and the idle stacks that stay
// mapped for reuse: mapping anew costs four frames and a TLB flush on all harts, taking an idle one
// next to nothing. Interface: mm/kernel_stack.h. Geometry: cpu/layout.h.
#include "mm/kernel_stack.h"

#include "cpu/layout.h"
#include "cpu/spinlock.h"
#include "mm/kernel_map.h"

namespace {

constexpr unsigned kPagesPerStack = kStackSize / kPageSize;
constexpr unsigned kMaxIdle = 16;
// One top-level entry's worth: the region must not need a second one (mm/kernel_map.h).
constexpr u64 kSlots = (u64{1} << 30) / kStackSlot;

constinit SpinLock stack_lock{LockRank::kPageTable, "kernel stacks"};
constinit Array<u64, kSlots / 64> slots_taken GUARDED_BY(stack_lock){};
usize first_word_with_room GUARDED_BY(stack_lock);
constinit Array<u64, kMaxIdle> idle_tops GUARDED_BY(stack_lock){};
unsigned idle_count GUARDED_BY(stack_lock);

u64 top_of_slot(u64 slot) { return kStackBase + (slot + 1) * kStackSlot; }

// The top of a slot that is now taken, or 0.
u64 take_slot() REQUIRES(stack_lock) {
    for (usize word = first_word_with_room; word < slots_taken.size(); word++) {
        u64 free = ~slots_taken[word];
        if (free != 0) {
            u64 lowest = free & -free;
            slots_taken[word] |= lowest;
            first_word_with_room = word;
            return top_of_slot(word * 64 + log2_floor(lowest));
        }
    }
    return 0;
}

void give_slot(u64 top) REQUIRES(stack_lock) {
    u64 slot = (top - kStackBase) / kStackSlot - 1;
    slots_taken[slot / 64] &= ~(u64{1} << slot % 64);
    first_word_with_room = min<usize>(first_word_with_room, slot / 64);
}

// The entries of a stack's pages; they lie side by side, as a slot never crosses a table. Null
// where their table is missing and there is no memory for one.
Pte* stack_ptes(u64 top, Walk mode) {
    return kernel_page_table().walk(VirtAddr(top - kStackSize), mode);
}

// Unmaps all idle stacks but `keep`; returns how many frames that freed.
usize shrink_idle(unsigned keep) {
    Frame* frames[kMaxIdle * kPagesPerStack];
    usize count = 0;
    {
        SpinGuard guard(stack_lock);
        while (idle_count > keep) {
            u64 top = idle_tops[--idle_count];
            Pte* ptes = stack_ptes(top, Walk::kLookup);
            for (unsigned i = 0; i < kPagesPerStack; i++) {
                frames[count++] = ptes[i].frame();
                ptes[i].clear();
            }
            // No hart may reach the frames by this address any more when it is mapped again.
            flush_all_harts(VirtAddr(top - kStackSize), kStackSize);
            give_slot(top);
        }
    }
    for (usize i = 0; i < count; i++) frames[i]->release();
    return count;
}

u64 take_idle() {
    SpinGuard guard(stack_lock);
    return idle_count == 0 ? 0 : idle_tops[--idle_count];
}

bool keep_idle(u64 top) {
    SpinGuard guard(stack_lock);
    if (idle_count == kMaxIdle) return false;
    idle_tops[idle_count++] = top;
    return true;
}

}  // namespace

Result<u64> map_kernel_stack() {
    if (u64 idle = take_idle()) return idle;
    Array<Ref<Frame>, kPagesPerStack> frames{};
    for (Ref<Frame>& frame : frames) {
        frame = TRY(allocate_frame(FrameFill::kNone, FrameUse::kStack));
    }
    SpinGuard guard(stack_lock);
    u64 top = take_slot();
    Pte* ptes = top == 0 ? nullptr : stack_ptes(top, Walk::kAllocate);
    if (ptes == nullptr) {
        if (top != 0) give_slot(top);
        return Errno{ENOMEM};
    }
    for (unsigned i = 0; i < kPagesPerStack; i++) {
        PhysAddr address = frames[i].leak()->address();
        ptes[i].set(Pte::make(address, PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D));
    }
    // A hart may remember that there was nothing here, and a page fault on a stack is the end.
    flush_all_harts(VirtAddr(top - kStackSize), kStackSize);
    return top;
}

void unmap_kernel_stack(u64 top) {
    ASSERT(top > kStackBase && top % kStackSlot == 0);
    while (!keep_idle(top)) shrink_idle(kMaxIdle / 2);
}

usize idle_kernel_stacks() {
    SpinGuard guard(stack_lock);
    return idle_count;
}

usize release_idle_kernel_stacks() { return shrink_idle(0); }
