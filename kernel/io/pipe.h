// Pipes: bytes written at one end are read at the other, in order. pipe2(2) makes one with a file
// for each end; a FIFO is a pipe that belongs to an inode; a socket pair is two pipes.
// Reference: pipe(7).
#pragma once
#include "abi/limits.h"
#include "io/page_ring.h"
#include "process/file.h"
#include "thread/mutex.h"
#include "thread/wait.h"

enum class PipeEnd : u8 { kReader, kWriter };

class Pipe : public RefCounted {
  public:
    // Opens and closes an end: the pipe counts how many files there are for each.
    void open(PipeEnd end);
    void close(PipeEnd end);
    bool is_open(PipeEnd end);
    // Waits until the other end is open, or has been opened meanwhile: for FIFOs. EINTR.
    Result<void> wait_for_other(PipeEnd end);

    // `flags` are the file's: O_NONBLOCK counts. Contracts as File::read and File::write; a write
    // without readers sends SIGPIPE and fails with EPIPE.
    Result<usize> read(UserSpan to, u32 flags);
    Result<usize> write(UserSpan from, u32 flags);
    // POLLIN and POLLHUP for readers, POLLOUT and POLLERR for writers.
    Result<u32> poll(PipeEnd end, WaitSet* waits);
    usize bytes();

  private:
    struct End {
        u32 open = 0;       // files that have this end open
        u64 opened = 0;     // how often it was opened since ever
        WaitQueue waiting;  // threads at this end that cannot proceed
    };
    End& end(PipeEnd which) REQUIRES(lock_) {
        return which == PipeEnd::kReader ? readers_ : writers_;
    }
    End& other(PipeEnd which) REQUIRES(lock_) {
        return which == PipeEnd::kReader ? writers_ : readers_;
    }
    Result<usize> write_locked(UserSpan from, u32 flags) REQUIRES(lock_);
    void wake_locked() REQUIRES(lock_);

    Mutex lock_{LockRank::kPipe, "pipe"};
    PageRing ring_ GUARDED_BY(lock_);
    End readers_ GUARDED_BY(lock_);
    End writers_ GUARDED_BY(lock_);
};

// The open file at one end of a pipe (or, for a FIFO opened with O_RDWR, at both).
class PipeFile final : public File {
  public:
    // Opens the ends that `flags` name, until it dies. `inode` is the FIFO's, or null.
    PipeFile(Ref<Pipe> pipe, Ref<Inode> inode, u32 flags);
    ~PipeFile() override;

    Result<usize> read(UserSpan to) override { return pipe_->read(to, flags.load_relaxed()); }
    Result<usize> write(UserSpan from) override { return pipe_->write(from, flags.load_relaxed()); }
    Result<void> stat(struct stat& result) override;
    Result<i64> control(u64 request, u64 argument) override;
    Result<u32> poll(WaitSet* waits) override;
    Inode* inode() override { return inode_.get(); }

  private:
    const Ref<Pipe> pipe_;
    const Ref<Inode> inode_;
};

// A FIFO opened by path: waits for the other end unless O_NONBLOCK or O_RDWR; ENXIO for a writer
// that would have to wait and may not.
Result<Ref<File>> open_fifo(Inode& inode, u32 flags);
