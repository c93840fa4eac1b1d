// The sorted list of areas. See area.h.
#include "process/area.h"

#include "abi/mman.h"

bool Area::allows(Access access) const {
    switch (access) {
    case Access::kRead: return (protection & (PROT_READ | PROT_WRITE | PROT_EXEC)) != 0;
    case Access::kWrite: return (protection & PROT_WRITE) != 0;
    case Access::kExecute: return (protection & PROT_EXEC) != 0;
    }
    return false;
}

bool Area::continues_with(const Area& next) const {
    bool same = protection == next.protection && sharing == next.sharing && pager == next.pager &&
                is_stack == next.is_stack;
    bool adjoining = end == next.start;
    return same && adjoining && (!pager || page_index(end) == next.page_offset);
}

AreaList::~AreaList() {
    while (count_ > 0) remove(count_ - 1);
    heap_free(items_);
}

usize AreaList::lower_bound(VirtAddr address) const {
    usize low = 0, high = count_;
    while (low < high) {
        usize middle = low + (high - low) / 2;
        if (items_[middle]->end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Area* AreaList::find(VirtAddr address) {
    usize index = lower_bound(address);
    return index < count_ && items_[index]->contains(address) ? items_[index] : nullptr;
}

Result<void> AreaList::reserve(usize more) {
    if (count_ + more <= capacity_) return {};
    usize capacity = max(usize{16}, 2 * (count_ + more));
    Area** items = static_cast<Area**>(heap_allocate(capacity * sizeof(Area*)));
    if (items == nullptr) return Errno{ENOMEM};
    memcpy(items, items_, count_ * sizeof(Area*));
    heap_free(items_);
    items_ = items;
    capacity_ = capacity;
    return {};
}

void AreaList::insert(Owned<Area> area) {
    ASSERT(count_ < capacity_);
    usize index = lower_bound(area->start);
    memmove(&items_[index + 1], &items_[index], (count_ - index) * sizeof(Area*));
    items_[index] = area.release();
    count_++;
}

void AreaList::remove(usize index) {
    delete items_[index];
    count_--;
    memmove(&items_[index], &items_[index + 1], (count_ - index) * sizeof(Area*));
}

Result<void> AreaList::split_at(VirtAddr address) {
    Area* area = find(address);
    if (area == nullptr || area->start == address) return {};
    TRY(reserve(1));
    Owned<Area> upper = TRY(make<Area>(*area));
    upper->start = address;
    upper->page_offset = area->page_index(address);
    area->end = address;
    insert(move(upper));
    return {};
}

void AreaList::merge_around(VirtAddr start, VirtAddr end) {
    usize index = lower_bound(start);
    index -= index > 0 ? 1 : 0;
    while (index + 1 < count_ && items_[index]->start <= end) {
        if (items_[index]->continues_with(*items_[index + 1])) {
            items_[index]->end = items_[index + 1]->end;
            remove(index + 1);
        } else {
            index++;
        }
    }
}

u64 AreaList::total_bytes() const {
    u64 bytes = 0;
    for (usize i = 0; i < count_; i++) bytes += items_[i]->size();
    return bytes;
}
