// Spans, strings and paths in user memory. See user_memory.h.
#include "process/user_memory.h"

#include "process/process.h"

UserSpan::UserSpan(UserAddress address, usize size)
    : space_(current_process().space.get()), address_(address), size_(size) {}

UserSpan UserSpan::sub(usize start, usize count) const {
    start = min(start, size_);
    return {*space_, address_ + start, min(count, size_ - start)};
}

Result<void> UserSpan::copy_out(usize at, const void* from, usize size) const {
    ASSERT(at <= size_ && size <= size_ - at);
    return space_->copy_out(address_ + at, from, size);
}

Result<void> UserSpan::copy_in(usize at, void* to, usize size) const {
    ASSERT(at <= size_ && size <= size_ - at);
    return space_->copy_in(address_ + at, to, size);
}

Result<void> UserSpan::fill_zero(usize at, usize size) const {
    ASSERT(at <= size_ && size <= size_ - at);
    return space_->fill_zero(address_ + at, size);
}

Result<UserSpan::Pinned> UserSpan::pin_for_reading(usize at) const {
    ASSERT(at < size_);
    VirtAddr from = address_ + at;
    Result<Ref<Frame>> there = space_->resolve(from, Access::kRead);
    if (!there.ok()) return Errno{there.error().number == ENOMEM ? ENOMEM : EFAULT};
    Ref<Frame> frame = move(*there);
    usize count = min(size_ - at, kPageSize - from.page_offset());
    ConstBytes bytes(frame->data() + from.page_offset(), count);
    return Pinned{move(frame), bytes};
}

Result<usize> read_user_string(UserAddress address, Span<char> to, int too_long) {
    AddressSpace& space = *current_process().space;
    usize length = 0;
    while (length < to.size()) {
        VirtAddr from = address + length;
        usize count = min(to.size() - length, kPageSize - from.page_offset());
        // A string may end before an unmapped page: read no further than its own.
        TRY(space.copy_in(from, to.data() + length, count));
        for (usize end = length + count; length < end; length++) {
            if (to[length] == '\0') return length;
        }
    }
    return Errno{too_long};
}

Result<void> UserPath::read(UserAddress address) {
    Result<usize> length = read_user_string(address, Span<char>(small_));
    if (!length.ok() && length.error().number == ENAMETOOLONG) {
        heap_ = TRY((make<Array<char, kSize>>()));
        text_ = heap_->items;
        length = read_user_string(address, Span<char>(heap_->items));
    }
    length_ = TRY(move(length));
    return {};
}
