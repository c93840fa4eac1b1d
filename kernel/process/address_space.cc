// Address spaces: adding, removing and changing areas. Faults are in fault.cc, fork in
// fork_space.cc.
#include "process/address_space.h"

Result<Ref<AddressSpace>> AddressSpace::create() {
    Owned<PageTable> table = TRY(PageTable::create());
    Ref<AddressSpace> space = TRY(make_ref<AddressSpace>(move(table)));
    TRY(space->map(VirtAddr(kTrampolineAddress), kPageSize, PROT_READ | PROT_EXEC,
                   Sharing::kPrivate, trampoline_pager(), 0, Placement::kFixed));
    return space;
}

AddressSpace::~AddressSpace() {
    clear();
    tlb.leave_all_harts();
}

void AddressSpace::clear() {
    MutexGuard guard(lock);
    unmap_pages(VirtAddr(0), VirtAddr(kUserEnd));
    areas_.resize(0).value();
}

// Releases the frames of every page in the range. Only this hart may have stale translations of
// them (one thread a space), and it goes back to user mode only after the flush.
void AddressSpace::unmap_pages(VirtAddr start, VirtAddr end) {
    u64 count = 0;
    VirtAddr last;
    table_->for_each_in(start, end, [&](VirtAddr at, Pte& pte) {
        Frame* frame = pte.frame();
        pte.clear();
        frame->release();
        last = at;
        count++;
    });
    resident_pages_.fetch_sub(count);
    if (count == 1) {
        tlb.page_changed(last);
    } else if (count > 1) {
        tlb.all_changed();
    }
}

// Whole pages inside user space, or EINVAL (ENOMEM where only the size is too large).
static Result<VirtAddr> checked_end(VirtAddr start, u64 size) {
    u64 end;
    if (start.page_offset() != 0 || size == 0) return Errno{EINVAL};
    if (!add_fits(start.value, align_up(size, kPageSize), end) || size > kUserEnd ||
        end > kUserEnd) {
        return Errno{ENOMEM};
    }
    return VirtAddr(end);
}

// BEGIN SOLUTION(memory.find_room)
// Free room for `size` bytes: at the hint if that is free, else the highest below kMmapTop.
Result<VirtAddr> AddressSpace::find_room(VirtAddr hint, u64 size) {
    hint = hint.page_down();
    if (hint.value >= kMmapMinimum && hint.value < kUserEnd &&
        size <= kTrampolineAddress - hint.value) {
        usize next = areas_.lower_bound(hint);
        if (next == areas_.size() || areas_[next].start >= hint + size) return hint;
    }
    u64 top = kMmapTop;
    for (usize i = areas_.size(); i-- > 0;) {
        u64 bottom = areas_[i].end.value;
        if (bottom <= top && top - bottom >= size) break;
        top = min(top, areas_[i].start.value);
    }
    if (top < kMmapMinimum + size) return Errno{ENOMEM};
    return VirtAddr(top - size);
}
// END SOLUTION
// STUB: Result<VirtAddr> AddressSpace::find_room(VirtAddr, u64) {
// STUB:     panic("memory.find_room: yours to write");
// STUB: }
// UNTIL: Result<VirtAddr> AddressSpace::find_room(VirtAddr, u64) { return Errno{ENOSYS}; }

// BEGIN SOLUTION(memory.mmap)
Result<VirtAddr> AddressSpace::map(VirtAddr address, u64 size, u32 protection, Sharing sharing,
                                   Ref<Pager> pager, u64 page_offset, Placement placement) {
    VirtAddr where = placement == Placement::kHint ? VirtAddr(0) : address;
    TRY(checked_end(where, size));
    size = align_up(size, kPageSize);

    MutexGuard guard(lock);
    if (placement == Placement::kHint) where = TRY(find_room(address, size));
    VirtAddr end = where + size;
    TRY(areas_.reserve(3));  // the new one, and a hole that replacing may cut
    usize next = areas_.lower_bound(where);
    bool occupied = next < areas_.size() && areas_[next].start < end;
    if (occupied && placement == Placement::kNoReplace) return Errno{EEXIST};
    if (occupied) TRY(unmap_locked(where, end));
    next = areas_.lower_bound(where);
    areas_.insert(next, {where, end, protection, sharing, move(pager), page_offset});
    Result<void> populated = populate(areas_[next]);
    if (!populated.ok()) {
        TRY(unmap_locked(where, end));
        return populated.error();
    }
    areas_.merge_around(where, end);
    return where;
}
// END SOLUTION
// STUB: Result<VirtAddr> AddressSpace::map(VirtAddr, u64, u32, Sharing, Ref<Pager>, u64, Placement) {
// STUB:     panic("memory.mmap: yours to write");
// STUB: }
// UNTIL: Result<VirtAddr> AddressSpace::map(VirtAddr address, u64 size, u32 protection,
// UNTIL:                                    Sharing sharing, Ref<Pager> pager, u64 page_offset,
// UNTIL:                                    Placement placement) {
// UNTIL:     if (placement == Placement::kHint) return Errno{ENOSYS};
// UNTIL:     TRY(checked_end(address, size));
// UNTIL:     MutexGuard guard(lock);
// UNTIL:     TRY(areas_.reserve(1));
// UNTIL:     VirtAddr end = address + align_up(size, kPageSize);
// UNTIL:     usize next = areas_.lower_bound(address);
// UNTIL:     if (next < areas_.size() && areas_[next].start < end) return Errno{EEXIST};
// UNTIL:     areas_.insert(next, {address, end, protection, sharing, move(pager), page_offset});
// UNTIL:     Result<void> populated = populate(areas_[next]);
// UNTIL:     if (populated.ok()) return address;
// UNTIL:     unmap_pages(address, end);
// UNTIL:     areas_.remove(next);
// UNTIL:     return populated.error();
// UNTIL: }

// BEGIN SOLUTION(memory.populate)
// Pages come when they are touched.
Result<void> AddressSpace::populate(const Area&) { return {}; }
// END SOLUTION
// STUB: Result<void> AddressSpace::populate(const Area&) {
// STUB:     panic("memory.populate: yours to write");
// STUB: }
// UNTIL: Result<void> AddressSpace::populate(const Area& area) {
// UNTIL:     if (area.protection == 0 || area.end.value == kStackTop) {
// UNTIL:         return {};
// UNTIL:     }
// UNTIL:     Access access = (area.protection & PROT_WRITE) != 0 ? Access::kWrite : Access::kRead;
// UNTIL:     for (VirtAddr page = area.start; page < area.end; page += kPageSize) {
// UNTIL:         TRY(resolve_locked(page, access));
// UNTIL:     }
// UNTIL:     return {};
// UNTIL: }

// BEGIN SOLUTION(memory.munmap)
Result<void> AddressSpace::unmap(VirtAddr address, u64 size) {
    VirtAddr end = TRY(checked_end(address, size));
    MutexGuard guard(lock);
    return unmap_locked(address, end);
}

Result<void> AddressSpace::unmap_locked(VirtAddr start, VirtAddr end) {
    TRY(areas_.split_at(start));
    TRY(areas_.split_at(end));
    unmap_pages(start, end);
    for (usize i = areas_.lower_bound(start); i < areas_.size() && areas_[i].start < end;) {
        areas_.remove(i);
    }
    return {};
}
// END SOLUTION
// STUB: Result<void> AddressSpace::unmap(VirtAddr, u64) { panic("memory.munmap: yours to write"); }
// STUB: Result<void> AddressSpace::unmap_locked(VirtAddr, VirtAddr) {
// STUB:     panic("memory.munmap: yours to write");
// STUB: }
// UNTIL: Result<void> AddressSpace::unmap(VirtAddr, u64) { return Errno{ENOSYS}; }
// UNTIL: Result<void> AddressSpace::unmap_locked(VirtAddr, VirtAddr) { return Errno{ENOSYS}; }

// BEGIN SOLUTION(memory.protect)
Result<void> AddressSpace::protect(VirtAddr address, u64 size, u32 protection) {
    if (size == 0 && address.page_offset() == 0) return {};
    VirtAddr end = TRY(checked_end(address, size));
    MutexGuard guard(lock);
    VirtAddr covered = address;
    usize first = areas_.lower_bound(address);
    for (usize i = first; i < areas_.size() && areas_[i].start <= covered && covered < end; i++) {
        if (areas_[i].sharing == Sharing::kSharedForReading && (protection & PROT_WRITE) != 0) {
            return Errno{EACCES};
        }
        covered = areas_[i].end;
    }
    if (covered < end) {
        return Errno{ENOMEM};  // a hole
    }
    TRY(areas_.split_at(address));
    TRY(areas_.split_at(end));
    for (usize i = areas_.lower_bound(address); i < areas_.size() && areas_[i].start < end; i++) {
        areas_[i].protection = protection;
    }
    // Present pages lose what is forbidden now; what is newly allowed comes with the next fault.
    u64 lost = ((protection & (PROT_READ | PROT_WRITE | PROT_EXEC)) == 0 ? PTE_V : 0) |
               ((protection & PROT_WRITE) == 0 ? PTE_W : 0) |
               ((protection & PROT_EXEC) == 0 ? PTE_X : 0);
    bool changed = false;
    table_->for_each_in(address, end, [&](VirtAddr, Pte& pte) {
        if ((pte.bits & lost) != 0) {
            pte.set(Pte{pte.bits & ~lost});
            changed = true;
        }
    });
    if (changed) tlb.all_changed();
    areas_.merge_around(address, end);
    return {};
}
// END SOLUTION
// STUB: Result<void> AddressSpace::protect(VirtAddr, u64, u32) {
// STUB:     panic("memory.protect: yours to write");
// STUB: }
// UNTIL: Result<void> AddressSpace::protect(VirtAddr, u64, u32) { return Errno{ENOSYS}; }

Result<void> AddressSpace::discard(VirtAddr address, u64 size) {
    VirtAddr end = TRY(checked_end(address, size));
    MutexGuard guard(lock);
    unmap_pages(address, end);
    for (VirtAddr at = address; at < end;) {
        Area* area = areas_.find(at);
        if (area == nullptr) return Errno{ENOMEM};  // all the rest is done all the same
        at = area->end;
    }
    return {};
}

Result<void> AddressSpace::sync(VirtAddr address, u64 size) {
    VirtAddr end = TRY(checked_end(address, size));
    for (VirtAddr at = address; at < end;) {
        Ref<Pager> pager;
        u64 first = 0, last = 0;
        {
            MutexGuard guard(lock);
            Area* area = areas_.find(at);
            if (area == nullptr) return Errno{ENOMEM};
            VirtAddr stop = min(area->end, end);
            if (area->is_shared()) pager = area->pager;
            first = area->page_index(at);
            last = first + ((stop - at) >> kPageShift);
            at = stop;
        }
        if (pager) TRY(pager->sync(first, last));
    }
    return {};
}

// BEGIN SOLUTION(user.brk)
VirtAddr AddressSpace::set_break(VirtAddr address) {
    VirtAddr old_end = break_.page_up(), new_end = address.page_up();
    if (address < break_start_ || address.value >= kMmapTop) return break_;
    if (new_end > old_end) {
        Result<VirtAddr> grown = map(old_end, new_end - old_end, PROT_READ | PROT_WRITE,
                                     Sharing::kPrivate, nullptr, 0, Placement::kNoReplace);
        if (!grown.ok()) {
            return break_;
        }
    } else if (new_end < old_end && !unmap(new_end, old_end - new_end).ok()) {
        return break_;
    }
    break_ = address;
    return break_;
}
// END SOLUTION
// STUB: VirtAddr AddressSpace::set_break(VirtAddr) { panic("user.brk: yours to write"); }
