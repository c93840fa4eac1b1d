// See shared_memory.h.
#include "process/shared_memory.h"

#include "abi/signal.h"
#include "base/string.h"
#include "cpu/init.h"
#include "thread/mutex.h"

namespace {

class SharedMemory final : public Pager {
  public:
    SharedMemory(Frame** frames, u64 pages) : frames_(frames), pages_(pages) {}

    Result<Ref<Frame>> page(u64 index, Access) override {
        if (index >= pages_) return Errno{EFAULT};
        MutexGuard guard(lock_);
        if (frames_[index] == nullptr) {
            Ref<Frame> fresh = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
            frames_[index] = fresh.leak();
        }
        return Ref<Frame>(*frames_[index]);
    }

  private:
    ~SharedMemory() override {
        for (u64 i = 0; i < pages_; i++) {
            if (frames_[i] != nullptr) frames_[i]->release();
        }
        heap_free(frames_);
    }

    Mutex lock_{LockRank::kSharedMemory, "shared memory"};
    Frame** frames_;
    u64 pages_;
};

class TrampolinePager final : public Pager {
  public:
    explicit TrampolinePager(Ref<Frame> frame) : frame_(move(frame)) {}
    Result<Ref<Frame>> page(u64, Access) override { return Ref<Frame>(*frame_); }

  private:
    Ref<Frame> frame_;
};

constinit Pager* the_trampoline = nullptr;

void make_trampoline() {
    Result<Ref<Frame>> frame = allocate_frame(FrameFill::kZero);
    ASSERT(frame.ok());
    const u32 code[] = {SIGRETURN_INSN_0, SIGRETURN_INSN_1};
    memcpy((*frame)->data(), code, sizeof code);
    Result<Ref<TrampolinePager>> pager = make_ref<TrampolinePager>(move(*frame));
    ASSERT(pager.ok());
    the_trampoline = pager->leak();
}
INIT(Stage::kProcesses, make_trampoline);

}  // namespace

Ref<Pager> trampoline_pager() { return Ref<Pager>(*the_trampoline); }

Result<Ref<Pager>> make_shared_memory(u64 pages) {
    u64 bytes;
    if (__builtin_mul_overflow(pages, sizeof(Frame*), &bytes)) return Errno{ENOMEM};
    Frame** frames = static_cast<Frame**>(heap_allocate(bytes));
    if (frames == nullptr) return Errno{ENOMEM};
    memset(frames, 0, bytes);
    Result<Ref<SharedMemory>> memory = make_ref<SharedMemory>(frames, pages);
    if (!memory.ok()) {
        heap_free(frames);
        return memory.error();
    }
    return Ref<Pager>(move(*memory));
}
