// File descriptors: small numbers of a process that refer to open file descriptions.
// All functions may be called by any thread of the process; none holds the lock when it returns or
// when a file is closed, which may sleep.
#pragma once
#include "cpu/spinlock.h"
#include "process/file.h"

inline constexpr int kMaxDescriptors = 1024;

enum class CloseOnExec : bool { kNo, kYes };
// What O_CLOEXEC among the flags of open, dup3 and pipe2 asks for.
constexpr CloseOnExec close_on_exec(u32 flags) { return CloseOnExec((flags & O_CLOEXEC) != 0); }

class FdTable : public RefCounted {
  public:
    // An empty table; ENOMEM.
    static Result<Ref<FdTable>> create() { return make_ref<FdTable>(); }
    // The same descriptors referring to the same descriptions: for fork.
    Result<Ref<FdTable>> clone();

    Result<Ref<File>> get(int fd);  // EBADF
    // Puts the file at the lowest free number not below `lowest`; EMFILE, ENOMEM, EINVAL.
    Result<int> install(Ref<File> file, CloseOnExec close_on_exec, int lowest = 0);
    // Puts it at exactly `fd`, closing what was there; EBADF if fd is out of range.
    Result<void> replace(int fd, Ref<File> file, CloseOnExec close_on_exec);
    // Takes the descriptor away and returns its file, for the caller to drop. EBADF.
    Result<Ref<File>> remove(int fd);
    // The same as close(2) does it: record locks go. EBADF.
    Result<void> close(int fd);

    Result<CloseOnExec> close_on_exec(int fd);
    Result<void> set_close_on_exec(int fd, CloseOnExec value);
    // Closes what exec closes.
    void close_for_exec();
    void close_all();

    // The lowest descriptor in use that is at least `fd`, or -1: for /proc/PID/fd and close_range.
    int next_in_use(int fd);
    // RLIMIT_NOFILE's soft value.
    Atomic<int> limit{kMaxDescriptors};

  private:
    struct Slot {
        Ref<File> file;
        CloseOnExec close_on_exec = CloseOnExec::kNo;
    };
    // Slots come in chunks, which stay where they are until the table dies.
    static constexpr int kChunkSize = 64;
    using Chunk = Array<Slot, kChunkSize>;

    Result<void> make_slot(int fd);
    Slot* slot(int fd) REQUIRES(lock_);
    Result<Slot*> used_slot(int fd) REQUIRES(lock_);

    SpinLock lock_{LockRank::kFdTable, "descriptors"};
    Owned<Chunk> chunks_[kMaxDescriptors / kChunkSize] GUARDED_BY(lock_);
    int lowest_free_ GUARDED_BY(lock_) = 0;  // no free number is lower
};
