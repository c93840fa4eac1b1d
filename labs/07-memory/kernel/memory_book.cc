// See memory_book.h.
#include "memory_book.h"

#include "base/vector.h"

void fill_with_key(u64* words, usize count, u64 key) {
    for (usize i = 0; i < count; i++) words[i] = (key + i) * 0x9e37'79b9'7f4a'7c15;
}

// For the host: which pages somebody said they would write, as 65536 * book + page.
inline constexpr usize kMaxTold = 1024;
extern "C" {
u64 memory_lab_told_count;
u64 memory_lab_told[kMaxTold];
}

namespace {

class Book final : public Pager {
  public:
    Book(unsigned number, u64 key, bool keeps) : number_(number), key_(key), keeps_(keeps) {}
    Result<void> make(u64 pages) { return pages_.resize(pages); }

    Result<Ref<Frame>> page(u64 index, Access access) override {
        if (index >= pages_.size()) return Errno{EFAULT};
        Ref<Frame> frame = pages_[index];
        if (!frame) {
            frame = TRY(allocate_frame(FrameFill::kNone, FrameUse::kUser));
            auto* words = reinterpret_cast<u64*>(frame->data());
            fill_with_key(words, kPageSize / sizeof(u64), key_ + 1000 * index);
            if (keeps_) pages_[index] = frame;
        }
        if (access == Access::kWrite && memory_lab_told_count < kMaxTold) {
            memory_lab_told[memory_lab_told_count++] = (u64{number_} << 16) + index;
        }
        return frame;
    }

  private:
    const unsigned number_;
    const u64 key_;
    const bool keeps_;
    Vector<Ref<Frame>> pages_;
};

}  // namespace

Result<Ref<Pager>> make_book(unsigned number, u64 pages, u64 key, bool keeps) {
    Ref<Book> book = TRY(make_ref<Book>(number, key, keeps));
    TRY(book->make(pages));
    return Ref<Pager>(move(book));
}
