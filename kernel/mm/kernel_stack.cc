// Slots for kernel stacks, of which a bitmap says which are mapped, and the idle stacks that stay
// mapped for reuse: mapping anew costs four frames and a TLB flush on all harts, taking an idle one
// next to nothing. Interface: mm/kernel_stack.h. Geometry: cpu/layout.h.
#include "mm/kernel_stack.h"

#include "cpu/layout.h"
#include "cpu/sbi.h"
#include "cpu/spinlock.h"
#include "mm/page_table.h"

namespace {

constexpr unsigned kPagesPerStack = kStackSize / kPageSize;
constexpr unsigned kMaxIdle = 16;
// One top-level entry's worth: the region must not need a second one (mm/page_table.h).
constexpr u64 kSlots = (u64{1} << 30) / kStackSlot;

constinit SpinLock stack_lock{LockRank::kPageTable, "kernel stacks"};
constinit Array<u64, kSlots / 64> slots_taken GUARDED_BY(stack_lock){};
constinit Array<u64, kMaxIdle> idle_tops GUARDED_BY(stack_lock){};
unsigned idle_count GUARDED_BY(stack_lock);

// The entries of a stack's pages; they lie side by side, as a slot never crosses a table. Null
// where their table is missing and there is no memory for one.
Pte* stack_ptes(u64 top, Walk mode) {
    return kernel_page_table().walk(VirtAddr(top - kStackSize), mode);
}

// Forgets a stack's translations on all harts, and returns when all have. Slow: a call of the
// firmware, which interrupts the other harts. Reference: RISC-V SBI specification 1.0, chapter 8.
void flush_stack(u64 top) {
    // The firmware refuses only what the specification has it refuse: harts that do not exist.
    sbi_flush_all_harts(top - kStackSize, kStackSize);
}

// The top of a new stack made of these frames, which it takes over; 0 where there is no room.
u64 map_slot(Array<Ref<Frame>, kPagesPerStack>& frames) REQUIRES(stack_lock) {
    u64 word = 0;
    while (slots_taken[word] == ~u64{0}) {
        if (++word == slots_taken.size()) return 0;
    }
    const u64 bit = lowest_bit(~slots_taken[word]);
    const u64 top = kStackBase + (word * 64 + bit + 1) * kStackSlot;
    Pte* pte = stack_ptes(top, Walk::kAllocate);
    if (pte == nullptr) return 0;
    slots_taken[word] |= u64{1} << bit;
    for (Ref<Frame>& frame : frames) {
        PhysAddr address = frame.leak()->address();
        pte++->set(Pte::make(address, PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D));
    }
    // A hart may remember that there was nothing here, and a page fault on a stack is the end.
    flush_stack(top);
    return top;
}

// No hart may reach the frames by this address any more when they are given back.
void unmap_slot(u64 top) REQUIRES(stack_lock) {
    Pte* ptes = stack_ptes(top, Walk::kLookup);
    Frame* frames[kPagesPerStack];
    for (unsigned i = 0; i < kPagesPerStack; i++) {
        frames[i] = ptes[i].frame();
        ptes[i].clear();
    }
    flush_stack(top);
    for (Frame* frame : frames) frame->release();
    const u64 slot = (top - kStackBase) / kStackSlot - 1;
    slots_taken[slot / 64] &= ~(u64{1} << slot % 64);
}

}  // namespace

Result<u64> map_kernel_stack() {
    {
        SpinGuard guard(stack_lock);
        if (idle_count > 0) return idle_tops[--idle_count];
    }
    Array<Ref<Frame>, kPagesPerStack> frames{};
    for (Ref<Frame>& frame : frames) {
        frame = TRY(allocate_frame(FrameFill::kNone, FrameUse::kStack));
    }
    SpinGuard guard(stack_lock);
    const u64 top = map_slot(frames);
    return top == 0 ? Result<u64>(Errno{ENOMEM}) : top;
}

void unmap_kernel_stack(u64 top) {
    ASSERT(top > kStackBase && top % kStackSlot == 0);
    SpinGuard guard(stack_lock);
    if (idle_count == kMaxIdle) return unmap_slot(top);
    idle_tops[idle_count++] = top;
}

usize idle_kernel_stacks() {
    SpinGuard guard(stack_lock);
    return idle_count;
}

usize release_idle_kernel_stacks() {
    SpinGuard guard(stack_lock);
    const usize freed = idle_count * kPagesPerStack;
    while (idle_count > 0) unmap_slot(idle_tops[--idle_count]);
    return freed;
}
