// A ring of bytes in pages. See page_ring.h.
#include "io/page_ring.h"

usize PageRing::piece_at(u64 position, usize limit) {
    return min(limit, kPageSize - static_cast<usize>(position % kPageSize));
}

Result<usize> PageRing::take(UserSpan to) {
    usize wanted = min(to.size(), bytes());
    usize done = 0;
    while (done < wanted) {
        usize piece = piece_at(start_, wanted - done);
        const u8* page = pages_[start_ / kPageSize % kPages]->data();
        Result<void> copied = to.copy_out(done, page + start_ % kPageSize, piece);
        if (!copied.ok()) return done > 0 ? Result<usize>(done) : copied.error();
        done += piece;
        start_ += piece;
    }
    if (start_ == end_) {
        start_ = end_ = 0;  // small messages always use the first page
    }
    return done;
}

Result<usize> PageRing::put(UserSpan from) {
    usize wanted = min(from.size(), room());
    usize done = 0;
    while (done < wanted) {
        Ref<Frame>& page = pages_[end_ / kPageSize % kPages];
        usize piece = piece_at(end_, wanted - done);
        Result<void> copied;
        if (!page) {
            Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone);
            copied = frame.ok() ? Result<void>() : frame.error();
            page = move(frame).value_or(nullptr);
        }
        if (copied.ok()) copied = from.copy_in(done, page->data() + end_ % kPageSize, piece);
        if (!copied.ok()) return done > 0 ? Result<usize>(done) : copied.error();
        done += piece;
        end_ += piece;
    }
    return done;
}

void PageRing::clear() {
    start_ = end_ = 0;
    for (Ref<Frame>& page : pages_) page = nullptr;
}
