// mremap(2): a mapping shrinks, grows where it is, or moves, with its pages.
#include "process/process.h"
#include "process/syscall.h"

// The page tables that the pages will stand in must be there before the first of them moves.
Result<void> AddressSpace::move_pages(VirtAddr from, VirtAddr to, u64 size) {
    MutexGuard guard(lock);
    for (VirtAddr at = to; at < to + size; at += kPageSize) {
        PageTable::Run run = table_->next_run(from + (at - to), from + size);
        if (run.ptes.empty()) break;
        at = to + (run.start - from);
        for (u64 i = 0; i < run.ptes.size(); i++) {
            if (run.ptes[i].bits == 0) continue;
            if (table_->walk(at + i * kPageSize, Walk::kAllocate) == nullptr) return Errno{ENOMEM};
        }
        at += (run.ptes.size() - 1) * kPageSize;
    }
    table_->for_each_in(from, from + size, [&](VirtAddr page, Pte& pte) {
        table_->walk(to + (page - from), Walk::kAllocate)->set(pte);
        pte.clear();
    });
    tlb.all_changed();
    return {};
}

Result<VirtAddr> AddressSpace::remap(VirtAddr address, u64 old_size, u64 new_size, Growth growth,
                                     VirtAddr target) {
    bool fixed = growth == Growth::kMoveTo;
    Area area;
    {
        MutexGuard guard(lock);
        const Area* found = areas_.find(address);
        if (found == nullptr) return Errno{EFAULT};
        bool outside =
            target.page_offset() != 0 || new_size > kUserEnd || target.value > kUserEnd - new_size;
        bool overlap = target < address + old_size && address < target + new_size;
        if (fixed && (outside || overlap)) return Errno{EINVAL};
        if (found->end - address < old_size) return Errno{EFAULT};
        area = *found;
    }
    if (new_size < old_size) TRY(unmap(address + new_size, old_size - new_size));
    old_size = min(old_size, new_size);
    if (!fixed && new_size == old_size) return address;
    auto map_more = [&](VirtAddr at, u64 size, VirtAddr like, Placement placement) {
        return map(at, size, area.protection, area.sharing, area.pager, area.page_index(like),
                   placement);
    };
    VirtAddr old_end = address + old_size;
    if (!fixed && area.end == old_end &&
        map_more(old_end, new_size - old_size, old_end, Placement::kNoReplace).ok()) {
        return address;
    }
    if (growth == Growth::kInPlace) return Errno{ENOMEM};
    Placement placement = fixed ? Placement::kFixed : Placement::kHint;
    VirtAddr moved = TRY(map_more(target, new_size, address, placement));
    Result<void> done = move_pages(address, moved, old_size);
    TRY(done.ok() ? unmap(address, old_size) : unmap(moved, new_size));
    TRY(done);
    return moved;
}

// MREMAP_DONTUNMAP, and the copy of a shared mapping (an old size of 0), are not there: EINVAL.
static Result<i64> sys_mremap(UserAddress address, u64 old_size, u64 new_size, u64 flags,
                              UserAddress target) {
    constexpr u64 kMoveTo = MREMAP_MAYMOVE | MREMAP_FIXED;
    if ((flags & ~kMoveTo) != 0 || flags == MREMAP_FIXED || address.page_offset() != 0 ||
        old_size == 0 || new_size == 0) {
        return Errno{EINVAL};
    }
    if (flags != kMoveTo && new_size > kUserEnd) return Errno{ENOMEM};
    if (old_size > kUserEnd) return Errno{EFAULT};
    using Growth = AddressSpace::Growth;
    Growth growth = flags == kMoveTo          ? Growth::kMoveTo
                    : flags == MREMAP_MAYMOVE ? Growth::kMayMove
                                              : Growth::kInPlace;
    if (growth != Growth::kMoveTo) target = VirtAddr(0);
    new_size = min(new_size, 2 * kUserEnd);  // as much too large as all that is larger
    VirtAddr where = TRY(current_process().space->remap(
        address, align_up(old_size, kPageSize), align_up(new_size, kPageSize), growth, target));
    return static_cast<i64>(where.value);
}
SYSCALL(mremap);
