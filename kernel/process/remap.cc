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

Result<VirtAddr> AddressSpace::remap(VirtAddr address, u64 old_size, u64 new_size, Growth growth) {
    Area area;
    {
        MutexGuard guard(lock);
        const Area* found = areas_.find(address);
        if (found == nullptr || found->end - address < old_size) return Errno{EFAULT};
        area = *found;
    }
    if (new_size < old_size) TRY(unmap(address + new_size, old_size - new_size));
    if (new_size <= old_size) return address;
    auto map_more = [&](VirtAddr at, u64 size, VirtAddr like, Placement placement) {
        return map(at, size, area.protection, area.sharing, area.pager, area.page_index(like),
                   placement);
    };
    VirtAddr old_end = address + old_size;
    if (area.end == old_end &&
        map_more(old_end, new_size - old_size, old_end, Placement::kNoReplace).ok()) {
        return address;
    }
    if (growth == Growth::kInPlace) return Errno{ENOMEM};
    VirtAddr moved = TRY(map_more(VirtAddr(0), new_size, address, Placement::kHint));
    Result<void> done = move_pages(address, moved, old_size);
    TRY(done.ok() ? unmap(address, old_size) : unmap(moved, new_size));
    TRY(done);
    return moved;
}

// MREMAP_FIXED and MREMAP_DONTUNMAP, and the copy of a shared mapping (an old size of 0), are not
// there: EINVAL.
static Result<i64> sys_mremap(UserAddress address, u64 old_size, u64 new_size, u64 flags) {
    if ((flags & ~u64{MREMAP_MAYMOVE}) != 0 || address.page_offset() != 0 || old_size == 0 ||
        new_size == 0) {
        return Errno{EINVAL};
    }
    if (new_size > kUserEnd || old_size > kUserEnd)
        return Errno{new_size > kUserEnd ? ENOMEM : EFAULT};
    using Growth = AddressSpace::Growth;
    Growth growth = (flags & MREMAP_MAYMOVE) != 0 ? Growth::kMayMove : Growth::kInPlace;
    VirtAddr where = TRY(current_process().space->remap(address, align_up(old_size, kPageSize),
                                                        align_up(new_size, kPageSize), growth));
    return static_cast<i64>(where.value);
}
SYSCALL(mremap);
