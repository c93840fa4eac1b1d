// How a page comes into an address space: on a fault of the program, and just so when the kernel
// copies to or from it. Also the copies themselves.
#include "process/address_space.h"

namespace {

u64 flags_for(u32 protection, bool writable_now) {
    u64 flags = PTE_U | PTE_R;
    if ((protection & PROT_WRITE) != 0 && writable_now) flags |= PTE_W;
    if ((protection & PROT_EXEC) != 0) flags |= PTE_X;
    return flags;
}

u64 needed_bit(Access access) {
    constexpr u64 kBits[] = {PTE_R, PTE_W, PTE_X};
    return kBits[static_cast<unsigned>(access)];
}

// The frame of an area's object. What it cannot give is ENXIO, but for want of memory.
Result<Ref<Frame>> page_of(const Area& area, VirtAddr page, Access access) {
    Result<Ref<Frame>> got = area.pager->page(area.page_index(page), access);
    if (!got.ok() && got.error().number != ENOMEM) return Errno{ENXIO};
    return got;
}

// A new frame with the same contents.
Result<Ref<Frame>> copy_of(const Frame& frame) {
    Ref<Frame> copy = TRY(allocate_frame(FrameFill::kNone, FrameUse::kUser));
    memcpy(copy->data(), frame.data(), kPageSize);
    return copy;
}

// Instructions have been written by stores: this hart must fetch them anew. Other harts do so when
// they next run the thread (user_thread.cc).
void forget_fetched_instructions() { asm volatile("fence.i" ::: "memory"); }

}  // namespace

Result<Ref<Frame>> AddressSpace::resolve(VirtAddr address, Access access) {
    MutexGuard guard(lock);
    return resolve_locked(address, access);
}

// The bytes of the page that holds `address`, present and fit for `access`; they stay while the
// lock is held.
Result<u8*> AddressSpace::page_bytes_locked(VirtAddr address, Access access) {
    if (address.value < kUserEnd) {
        Pte* pte = table_->walk(address.page_down(), Walk::kLookup);
        if (pte != nullptr && pte->has(PTE_V | PTE_U | needed_bit(access))) {
            return pte->frame()->data();
        }
    }
    Result<Ref<Frame>> frame = resolve_locked(address, access);
    if (frame.ok()) return (*frame)->data();
    return Errno{frame.error().number == ENOMEM ? ENOMEM : EFAULT};
}

// BEGIN SOLUTION(memory.fault)
Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr address, Access access) {
    VirtAddr page = address.page_down();
    Area* area = areas_.find(page);
    if (area == nullptr) return Errno{EFAULT};
    if (!area->allows(access)) return Errno{EACCES};
    Pte* pte = table_->walk(page, Walk::kAllocate);
    if (pte == nullptr) return Errno{ENOMEM};
    if (pte->bits == 0) return bring_in(*area, page, *pte, access);
    if (!pte->has(PTE_V | needed_bit(access))) return grant(*area, page, *pte, access);
    // The page table allows it already: the hart had cached the entry from before.
    tlb.page_changed(page);
    return Ref<Frame>(*pte->frame());
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr, Access) {
// STUB:     panic("memory.fault: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr address, Access access) {
// UNTIL:     VirtAddr page = address.page_down();
// UNTIL:     Area* area = areas_.find(page);
// UNTIL:     if (area == nullptr) return Errno{EFAULT};
// UNTIL:     if (!area->allows(access)) return Errno{EACCES};
// UNTIL:     Pte* pte = table_->walk(page, Walk::kAllocate);
// UNTIL:     if (pte == nullptr) return Errno{ENOMEM};
// UNTIL:     return pte->valid() ? Ref<Frame>(*pte->frame()) : bring_in(*area, page, *pte, access);
// UNTIL: }

// BEGIN SOLUTION(memory.bring_in)
// The page is not there: get its frame from the pager, or a new one, and map it.
Result<Ref<Frame>> AddressSpace::bring_in(const Area& area, VirtAddr page, Pte& pte,
                                          Access access) {
    Ref<Frame> frame;
    bool writable = true;
    if (!area.pager) {
        frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
    } else if (area.is_shared()) {
        // Writable only once a write has told the pager.
        writable = access == Access::kWrite;
        frame = TRY(page_of(area, page, access));
    } else {
        writable = access == Access::kWrite;
        frame = TRY(page_of(area, page, Access::kRead));
        if (writable) frame = TRY(copy_of(*frame));
    }
    u64 flags = flags_for(area.protection, writable);
    if ((flags & PTE_X) != 0) forget_fetched_instructions();
    pte.set(Pte::make(frame->address(), flags | PTE_V | PTE_A | PTE_D));
    frame->retain();  // the table's
    resident_pages_.fetch_add(1);
    return frame;
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::bring_in(const Area&, VirtAddr, Pte&, Access) {
// STUB:     static_cast<void>(flags_for), static_cast<void>(page_of), static_cast<void>(copy_of);
// STUB:     static_cast<void>(forget_fetched_instructions);
// STUB:     panic("memory.bring_in: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::bring_in(const Area& area, VirtAddr page, Pte& pte,
// UNTIL:                                           Access access) {
// UNTIL:     Ref<Frame> frame;
// UNTIL:     if (!area.pager) {
// UNTIL:         frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
// UNTIL:     } else {
// UNTIL:         frame = TRY(page_of(area, page, area.is_shared() ? access : Access::kRead));
// UNTIL:         if (!area.is_shared()) frame = TRY(copy_of(*frame));
// UNTIL:     }
// UNTIL:     forget_fetched_instructions();
// UNTIL:     u64 flags = flags_for(area.protection, true);
// UNTIL:     pte.set(Pte::make(frame->address(), flags | PTE_V | PTE_A | PTE_D));
// UNTIL:     frame->retain();  // the table's
// UNTIL:     resident_pages_.fetch_add(1);
// UNTIL:     return frame;
// UNTIL: }

// BEGIN SOLUTION(memory.grant)
// The page is there, but with less permission than its area gives: none, not even V, after
// mprotect(PROT_NONE).
Result<Ref<Frame>> AddressSpace::grant(const Area& area, VirtAddr page, Pte& pte, Access access) {
    u64 flags = flags_for(area.protection, pte.has(PTE_W));
    if (access == Access::kWrite && !area.is_shared()) {
        return copy_on_write(page, pte, flags | PTE_W);
    }
    if (access == Access::kWrite && area.pager) {
        TRY(page_of(area, page, access));
        flags |= PTE_W;
    }
    if ((flags & PTE_X) != 0) forget_fetched_instructions();
    pte.set(Pte{(pte.bits & ~(PTE_R | PTE_W | PTE_X)) | flags | PTE_V});
    tlb.page_changed(page);
    return Ref<Frame>(*pte.frame());
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::grant(const Area&, VirtAddr, Pte&, Access) {
// STUB:     panic("memory.grant: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::grant(const Area&, VirtAddr, Pte&, Access) {
// UNTIL:     return Errno{EFAULT};
// UNTIL: }

// BEGIN SOLUTION(memory.copy_on_write)
// Makes a private page writable: its frame as it is if nobody else has it, else a copy.
Result<Ref<Frame>> AddressSpace::copy_on_write(VirtAddr page, Pte& pte, u64 flags) {
    Frame* old = pte.frame();
    flags |= PTE_V | PTE_A | PTE_D;
    if (old->reference_count() == 1) {
        // More permission for the same frame: a stale entry costs one more fault, no flush here.
        pte.set(Pte::make(old->address(), flags));
        return Ref<Frame>(*old);
    }
    Ref<Frame> copy = TRY(copy_of(*old));
    copy->retain();  // the table's
    pte.set(Pte::make(copy->address(), flags));
    tlb.page_changed(page);
    old->release();
    return copy;
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::copy_on_write(VirtAddr, Pte&, u64) {
// STUB:     panic("memory.copy_on_write: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::copy_on_write(VirtAddr, Pte&, u64) {
// UNTIL:     return Errno{EFAULT};
// UNTIL: }

// Calls part(bytes, count) for the piece of each page, with the lock held.
template <typename F>
Result<void> AddressSpace::for_each_part(VirtAddr at, usize size, Access access, F part) {
    MutexGuard guard(lock);
    while (size > 0) {
        u8* page = TRY(page_bytes_locked(at, access));
        usize count = min(size, kPageSize - at.page_offset());
        part(page + at.page_offset(), count);
        at += count, size -= count;
    }
    return {};
}

// BEGIN SOLUTION(user.copy_out)
Result<void> AddressSpace::copy_out(VirtAddr to, const void* from, usize size) {
    const u8* next = static_cast<const u8*>(from);
    return for_each_part(to, size, Access::kWrite, [&](u8* bytes, usize count) {
        memcpy(bytes, next, count);
        next += count;
    });
}
// END SOLUTION
// STUB: Result<void> AddressSpace::copy_out(VirtAddr, const void*, usize) {
// STUB:     panic("user.copy_out: yours to write");
// STUB: }

// BEGIN SOLUTION(user.copy_in)
Result<void> AddressSpace::copy_in(VirtAddr from, void* to, usize size) {
    u8* next = static_cast<u8*>(to);
    return for_each_part(from, size, Access::kRead, [&](u8* bytes, usize count) {
        memcpy(next, bytes, count);
        next += count;
    });
}
// END SOLUTION
// STUB: Result<void> AddressSpace::copy_in(VirtAddr, void*, usize) {
// STUB:     panic("user.copy_in: yours to write");
// STUB: }

Result<void> AddressSpace::fill_zero(VirtAddr at, usize size) {
    return for_each_part(at, size, Access::kWrite,
                         [](u8* bytes, usize count) { memset(bytes, 0, count); });
}
