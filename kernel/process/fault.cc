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
    switch (access) {
    case Access::kRead: return PTE_R;
    case Access::kWrite: return PTE_W;
    case Access::kExecute: return PTE_X;
    }
    return PTE_V;
}

// Instructions have been written by stores: this hart must fetch them anew. Other harts do so when
// they next run the thread (user_thread.cc).
void forget_fetched_instructions() { asm volatile("fence.i" ::: "memory"); }

}  // namespace

Result<Ref<Frame>> AddressSpace::resolve(VirtAddr address, Access access, Fault* fault) {
    MutexGuard guard(lock);
    Fault reason = Fault::kNone;
    Result<Ref<Frame>> frame = resolve_locked(address, access, reason);
    if (fault != nullptr) *fault = reason;
    return frame;
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
    Fault fault = Fault::kNone;
    Ref<Frame> frame = TRY(resolve_locked(address, access, fault));
    return frame->data();
}

// BEGIN SOLUTION(memory.fault)
Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr address, Access access, Fault& fault) {
    VirtAddr page = address.page_down();
    Area* area = areas_.find(page);
    if (area == nullptr || !area->allows(access)) {
        fault = area == nullptr ? Fault::kNoMapping : Fault::kProtection;
        return Errno{EFAULT};
    }
    Pte* pte = table_->walk(page, Walk::kAllocate);
    if (pte == nullptr) return Errno{ENOMEM};
    if (pte->bits == 0) return bring_in(*area, page, *pte, access, fault);
    if (!pte->has(PTE_V | needed_bit(access))) return grant(*area, page, *pte, access, fault);
    // The page table allows it already: the hart had cached the entry from before.
    tlb.page_changed(page);
    return Ref<Frame>(*pte->frame());
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr, Access, Fault&) {
// STUB:     panic("memory.fault: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::resolve_locked(VirtAddr address, Access access,
// UNTIL:                                                 Fault& fault) {
// UNTIL:     VirtAddr page = address.page_down();
// UNTIL:     Area* area = areas_.find(page);
// UNTIL:     if (area == nullptr || !area->allows(access)) {
// UNTIL:         fault = area == nullptr ? Fault::kNoMapping : Fault::kProtection;
// UNTIL:         return Errno{EFAULT};
// UNTIL:     }
// UNTIL:     Pte* pte = table_->walk(page, Walk::kAllocate);
// UNTIL:     if (pte == nullptr) {
// UNTIL:         return Errno{ENOMEM};
// UNTIL:     }
// UNTIL:     return pte->valid() ? Ref<Frame>(*pte->frame())
// UNTIL:                         : bring_in(*area, page, *pte, access, fault);
// UNTIL: }

// The page is not there: get its frame from the pager, or a new one, and map it.
Result<Ref<Frame>> AddressSpace::bring_in(const Area& area, VirtAddr page, Pte& pte, Access access,
                                          Fault& fault) {
    Ref<Frame> frame;
    bool writable = true;
    bool shared = area.is_shared();
    if (area.pager) {
        Access use = shared ? access : Access::kRead;
        Result<Ref<Frame>> got = area.pager->page(area.page_index(page), use);
        if (!got.ok()) {
            fault = got.error().number == ENOMEM ? Fault::kNone : Fault::kBeyondEnd;
            return got.error();
        }
        frame = move(*got);
        // A shared page is writable only once a write has told the pager; a private one never is.
        writable = shared && access == Access::kWrite;
        if (!shared && access == Access::kWrite) {
            Ref<Frame> copy = TRY(allocate_frame(FrameFill::kNone, FrameUse::kUser));
            memcpy(copy->data(), frame->data(), kPageSize);
            frame = move(copy);
            writable = true;
        }
    } else {
        frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
    }
    u64 flags = flags_for(area.protection, writable);
    if ((flags & PTE_X) != 0) {
        forget_fetched_instructions();
    }
    Ref<Frame> result = frame;
    pte.set(Pte::make(frame.leak()->address(), flags | PTE_V | PTE_A | PTE_D));
    resident_pages_.fetch_add(1);
    return result;
}

// The page is there, but with less permission than its area gives: none, not even V, after
// mprotect(PROT_NONE).
Result<Ref<Frame>> AddressSpace::grant(const Area& area, VirtAddr page, Pte& pte, Access access,
                                       Fault& fault) {
    u64 flags = flags_for(area.protection, pte.has(PTE_W));
    if (access == Access::kWrite && area.sharing == Sharing::kPrivate) {
        return copy_on_write(page, pte, flags | PTE_W);
    }
    if (access == Access::kWrite && area.pager) {
        Result<Ref<Frame>> told = area.pager->page(area.page_index(page), Access::kWrite);
        if (!told.ok()) {
            fault = told.error().number == ENOMEM ? Fault::kNone : Fault::kBeyondEnd;
            return told.error();
        }
        flags |= PTE_W;
    }
    if ((flags & PTE_X) != 0) {
        forget_fetched_instructions();
    }
    pte.set(Pte{(pte.bits & ~(PTE_R | PTE_W | PTE_X)) | flags | PTE_V});
    tlb.page_changed(page);
    return Ref<Frame>(*pte.frame());
}

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
    Ref<Frame> copy = TRY(allocate_frame(FrameFill::kNone, FrameUse::kUser));
    memcpy(copy->data(), old->data(), kPageSize);
    Ref<Frame> result = copy;
    pte.set(Pte::make(copy.leak()->address(), flags));
    tlb.page_changed(page);
    old->release();
    return result;
}
// END SOLUTION
// STUB: Result<Ref<Frame>> AddressSpace::copy_on_write(VirtAddr, Pte&, u64) {
// STUB:     panic("memory.copy_on_write: yours to write");
// STUB: }
// UNTIL: Result<Ref<Frame>> AddressSpace::copy_on_write(VirtAddr, Pte&, u64) {
// UNTIL:     return Errno{EFAULT};
// UNTIL: }

// BEGIN SOLUTION(user.copy_out)
Result<void> AddressSpace::copy_out(VirtAddr to, const void* from, usize size) {
    const u8* bytes = static_cast<const u8*>(from);
    MutexGuard guard(lock);
    while (size > 0) {
        u8* page = TRY(page_bytes_locked(to, Access::kWrite));
        usize count = min(size, kPageSize - to.page_offset());
        memcpy(page + to.page_offset(), bytes, count);
        to += count, bytes += count, size -= count;
    }
    return {};
}
// END SOLUTION
// STUB: Result<void> AddressSpace::copy_out(VirtAddr, const void*, usize) {
// STUB:     panic("user.copy_out: yours to write");
// STUB: }

// BEGIN SOLUTION(user.copy_in)
Result<void> AddressSpace::copy_in(VirtAddr from, void* to, usize size) {
    u8* bytes = static_cast<u8*>(to);
    MutexGuard guard(lock);
    while (size > 0) {
        const u8* page = TRY(page_bytes_locked(from, Access::kRead));
        usize count = min(size, kPageSize - from.page_offset());
        memcpy(bytes, page + from.page_offset(), count);
        from += count, bytes += count, size -= count;
    }
    return {};
}
// END SOLUTION
// STUB: Result<void> AddressSpace::copy_in(VirtAddr, void*, usize) {
// STUB:     panic("user.copy_in: yours to write");
// STUB: }

Result<void> AddressSpace::fill_zero(VirtAddr at, usize size) {
    MutexGuard guard(lock);
    while (size > 0) {
        u8* page = TRY(page_bytes_locked(at, Access::kWrite));
        usize count = min(size, kPageSize - at.page_offset());
        memset(page + at.page_offset(), 0, count);
        at += count, size -= count;
    }
    return {};
}
