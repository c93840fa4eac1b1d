// The sorted list of areas. See area.h.
#include "process/area.h"

#include "abi/mman.h"

bool Area::allows(Access access) const {
    // What may be written or executed may be read too: so it is mapped (fault.cc).
    constexpr u32 kNeeded[] = {PROT_READ | PROT_WRITE | PROT_EXEC, PROT_WRITE, PROT_EXEC};
    return (protection & kNeeded[static_cast<unsigned>(access)]) != 0;
}

bool Area::continues_with(const Area& next) const {
    bool same = protection == next.protection && sharing == next.sharing && pager == next.pager;
    bool adjoining = end == next.start;
    return same && adjoining && (!pager || page_index(end) == next.page_offset);
}

usize AreaList::lower_bound(VirtAddr address) const {
    usize low = 0, high = size();
    while (low < high) {
        usize middle = low + (high - low) / 2;
        if ((*this)[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Area* AreaList::find(VirtAddr address) const {
    usize index = lower_bound(address);
    return index < size() && (*this)[index].contains(address) ? begin() + index : nullptr;
}

Result<void> AreaList::split_at(VirtAddr address) {
    TRY(reserve(1));
    Area* area = find(address);
    if (area == nullptr || area->start == address) return {};
    Area upper = *area;
    upper.start = address;
    upper.page_offset = area->page_index(address);
    area->end = address;
    insert(lower_bound(address), move(upper));
    return {};
}

void AreaList::merge_around(VirtAddr start, VirtAddr end) {
    usize index = lower_bound(start);
    index -= index > 0 ? 1 : 0;
    while (index + 1 < size() && (*this)[index].start <= end) {
        if ((*this)[index].continues_with((*this)[index + 1])) {
            (*this)[index].end = (*this)[index + 1].end;
            remove(index + 1);
        } else {
            index++;
        }
    }
}

u64 AreaList::total_bytes() const {
    u64 bytes = 0;
    for (const Area& area : *this) bytes += area.size();
    return bytes;
}
