// What fork does to an address space: the child gets the same areas, and shares every private page
// with its parent until one of them writes to it.
#include "process/address_space.h"

// The child's own lock is not needed: nobody else knows the child yet.
Result<void> AddressSpace::copy_areas_from(const AddressSpace& parent) NO_THREAD_SAFETY_ANALYSIS {
    TRY(areas_.reserve(parent.areas_.size()));
    for (const Area& area : parent.areas_) areas_.add(area);
    break_start_ = parent.break_start_;
    break_ = parent.break_;
    argument_start = parent.argument_start;
    argument_end = parent.argument_end;
    environment_end = parent.environment_end;
    return {};
}

// BEGIN SOLUTION(memory.fork_cow)
// Shared areas need nothing: the child's pages come from the same pager. Private pages lose their
// write permission in both tables, and gain an owner.
Result<void> AddressSpace::share_pages_from(AddressSpace& parent, const Area& area) {
    if (area.is_shared()) return {};
    for (VirtAddr at = area.start; at < area.end;) {
        PageTable::Run run = parent.table_->next_run(at, area.end);
        if (run.ptes.empty()) break;
        Pte* child = table_->walk(run.start, Walk::kAllocate);
        if (child == nullptr) return Errno{ENOMEM};
        for (Pte& pte : run.ptes) {
            if (pte.bits != 0) {  // also one that mprotect(PROT_NONE) made invalid
                pte.set(Pte{pte.bits & ~PTE_W});
                pte.frame()->retain();
                child->set(pte);
                resident_pages_.fetch_add(1);
            }
            child++;
        }
        at = run.start + run.ptes.size() * kPageSize;
    }
    return {};
}
// END SOLUTION
// STUB: Result<void> AddressSpace::share_pages_from(AddressSpace&, const Area&) {
// STUB:     panic("memory.fork_cow: yours to write");
// STUB: }
// UNTIL: Result<void> AddressSpace::share_pages_from(AddressSpace& parent, const Area& area) {
// UNTIL:     Result<void> outcome;
// UNTIL:     parent.table_->for_each_in(area.start, area.end, [&](VirtAddr at, Pte& pte) {
// UNTIL:         Result<Ref<Frame>> copy = allocate_frame(FrameFill::kNone, FrameUse::kUser);
// UNTIL:         if (!outcome.ok() || !copy.ok()) {
// UNTIL:             outcome = Errno{ENOMEM};
// UNTIL:             return;
// UNTIL:         }
// UNTIL:         memcpy((*copy)->data(), pte.frame()->data(), kPageSize);
// UNTIL:         outcome = table_->map(at, (*copy)->address(), pte.flags());
// UNTIL:         if (outcome.ok()) {
// UNTIL:             static_cast<void>(copy->leak());
// UNTIL:             resident_pages_.fetch_add(1);
// UNTIL:         }
// UNTIL:     });
// UNTIL:     return outcome;
// UNTIL: }

Result<Ref<AddressSpace>> AddressSpace::fork() {
    Owned<PageTable> table = TRY(PageTable::create());
    Ref<AddressSpace> child = TRY(make_ref<AddressSpace>(move(table)));
    MutexGuard guard(lock);
    Result<void> copied = child->copy_areas_from(*this);
    for (const Area& area : areas_) {
        if (copied.ok()) copied = child->share_pages_from(*this, area);
    }
    tlb.all_changed();
    if (!copied.ok()) return copied.error();
    return child;
}
