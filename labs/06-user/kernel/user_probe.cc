// The log of the probes, and pages for them. See user_probe.h.
#include "user_probe.h"

constinit u64 user_log[kUserLogWords] = {};
constinit u64 user_log_used = 0;

void userlab::note(u64 word) {
    if (user_log_used < kUserLogWords) user_log[user_log_used++] = word;
}

u64 userlab::input(const char* name) {
    u64 value = 0;
    parse_number(boot_option(name), value);
    return value;
}

void userlab::probe_done() {
    disable_interrupts();
    kprintf("probe: done, %lu words\n", user_log_used);
    for (;;) wait_for_interrupt();
}

namespace {

class BytesPager final : public Pager {
  public:
    explicit BytesPager(ConstBytes data) : data_(data) {}
    Result<Ref<Frame>> page(u64 index, Access) override {
        ConstBytes part = data_.sub(index * kPageSize, kPageSize);
        if (part.empty()) return Errno{EFAULT};
        Ref<Frame> frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
        memcpy(frame->data(), part.data(), part.size());
        return frame;
    }

  private:
    ConstBytes data_;
};

}  // namespace

Ref<Pager> userlab::archive_pager(StringView name) {
    CpioReader reader(initial_archive());
    CpioEntry entry;
    while (reader.next(entry).value()) {
        if (entry.name == name) return Ref<Pager>(make_ref<BytesPager>(entry.data).value());
    }
    panic("probe: no such file in the archive");
}

// Nobody else uses the space, so no lock is taken to look at it.
void userlab::bring_in_all(AddressSpace& space) NO_THREAD_SAFETY_ANALYSIS {
    for (usize i = 0; i < space.areas().size(); i++) {
        const Area& area = space.areas()[i];
        if (area.protection == 0 || area.start.value >= kStackTop - kStackLimit) continue;
        const bool writable = (area.protection & PROT_WRITE) != 0;
        VirtAddr start = area.start, end = area.end;
        for (VirtAddr page = start; page < end; page += kPageSize) {
            static_cast<void>(space.resolve(page, writable ? Access::kWrite : Access::kRead).ok());
        }
    }
}

u64 userlab::hash_of(ConstBytes bytes) {
    u64 hash = 0xcbf29ce484222325;
    for (usize i = 0; i < bytes.size(); i++) hash = (hash ^ bytes[i]) * 0x100000001b3;
    return hash;
}
