// Pagers of floor process itself: memory shared between a process and its children, and the one page
// that returns from signal handlers. See pager.h.
#include "abi/signal.h"
#include "base/vector.h"
#include "cpu/init.h"
#include "process/pager.h"
#include "thread/mutex.h"

namespace {

class SharedMemory final : public Pager {
  public:
    Result<void> make(u64 pages) { return frames_.resize(pages); }

    Result<Ref<Frame>> page(u64 index, Access) override {
        if (index >= frames_.size()) return Errno{EFAULT};
        MutexGuard guard(lock_);
        Ref<Frame>& frame = frames_[index];
        if (!frame) frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
        return frame;
    }

  private:
    Mutex lock_{LockRank::kSharedMemory, "shared memory"};
    Vector<Ref<Frame>> frames_;
};

constinit Pager* the_trampoline = nullptr;

void make_trampoline() {
    the_trampoline = make_shared_memory(1).value().leak();
    Ref<Frame> frame = the_trampoline->page(0, Access::kWrite).value();
    const u32 code[] = {SIGRETURN_INSN_0, SIGRETURN_INSN_1};
    memcpy(frame->data(), code, sizeof code);
}
INIT(Stage::kProcesses, make_trampoline);

}  // namespace

Ref<Pager> trampoline_pager() { return Ref<Pager>(*the_trampoline); }

Result<Ref<Pager>> make_shared_memory(u64 pages) {
    Ref<SharedMemory> memory = TRY(make_ref<SharedMemory>());
    TRY(memory->make(pages));
    return Ref<Pager>(move(memory));
}
