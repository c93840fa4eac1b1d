// Pipes: a ring of 64 KiB, a lock, and a queue of waiting threads at each end. See pipe.h.
//
// Readers wait while the ring is empty and a writer is left; writers wait until there is room for
// what they have, or for PIPE_BUF bytes of it: so writes of up to PIPE_BUF bytes are never torn.
// Whoever changes the ring wakes one thread that can now proceed, and that thread wakes the next.
#include "io/pipe.h"

#include "abi/poll.h"
#include "abi/stat.h"
#include "abi/termios.h"
#include "io/inode_file.h"
#include "process/process.h"

void Pipe::open(PipeEnd which) {
    MutexGuard guard(lock_);
    end(which).open++;
    end(which).opened++;
    other(which).waiting.wake_all();
}

void Pipe::close(PipeEnd which) {
    MutexGuard guard(lock_);
    end(which).open--;
    if (end(which).open == 0) {
        // Readers see the end of the data, writers get EPIPE.
        other(which).waiting.wake_all();
    }
    if (readers_.open == 0 && writers_.open == 0) ring_.clear();
}

bool Pipe::is_open(PipeEnd which) {
    MutexGuard guard(lock_);
    return end(which).open > 0;
}

Result<void> Pipe::wait_for_other(PipeEnd which) {
    MutexGuard guard(lock_);
    u64 opened_before = other(which).opened;
    return wait_until_interruptible(end(which).waiting, lock_, [&]() REQUIRES(lock_) {
        return other(which).open > 0 || other(which).opened != opened_before;
    });
}

Result<usize> Pipe::read(UserSpan to, u32 flags) {
    // BEGIN SOLUTION(files.pipe_read)
    MutexGuard guard(lock_);
    auto can_read = [&]() REQUIRES(lock_) {
        return ring_.bytes() > 0 || writers_.open == 0 || to.empty();
    };
    if (!can_read() && (flags & O_NONBLOCK) != 0) return Errno{EAGAIN};
    TRY(wait_until_interruptible(readers_.waiting, lock_, can_read));
    usize count = TRY(ring_.take(to));
    wake_locked();
    return count;
    // END SOLUTION
    // STUB: (void)to, (void)flags;
    // STUB: panic("files.pipe_read: yours to write");
    // UNTIL: (void)to, (void)flags;
    // UNTIL: return Errno{ENOSYS};
}

// BEGIN SOLUTION(files.pipe_write)
Result<usize> Pipe::write(UserSpan from, u32 flags) {
    MutexGuard guard(lock_);
    usize done = 0;
    while (done < from.size()) {
        Result<usize> count = write_locked(from.sub(done), flags);
        // What has been written is written: only a call that wrote nothing fails.
        if (!count.ok()) return done > 0 ? Result<usize>(done) : count.error();
        done += *count;
    }
    return done;
}

// Waits for room, then writes as much as there is room for.
Result<usize> Pipe::write_locked(UserSpan from, u32 flags) {
    usize least = min(from.size(), usize{PIPE_BUF});
    auto can_write = [&]() REQUIRES(lock_) { return ring_.room() >= least || readers_.open == 0; };
    if ((flags & O_NONBLOCK) != 0) {
        // A write above PIPE_BUF may be torn: it takes whatever room there is.
        bool some = from.size() > PIPE_BUF && ring_.room() > 0;
        if (!can_write() && !some) return Errno{EAGAIN};
    } else {
        TRY(wait_until_interruptible(writers_.waiting, lock_, can_write));
    }
    if (readers_.open == 0) {
        send_signal(current_process(), SIGPIPE);
        return Errno{EPIPE};
    }
    usize count = TRY(ring_.put(from));
    wake_locked();
    return count;
}
// END SOLUTION
// STUB: Result<usize> Pipe::write(UserSpan, u32) { panic("files.pipe_write: yours to write"); }
// UNTIL: Result<usize> Pipe::write(UserSpan, u32) { return Errno{ENOSYS}; }

// Wakes a thread at each end that can proceed now; none who would only go back to sleep.
void Pipe::wake_locked() {
    // BEGIN SOLUTION(files.pipe_wake)
    if (ring_.bytes() > 0) readers_.waiting.wake_one();
    if (ring_.room() >= PIPE_BUF) writers_.waiting.wake_one();
    // END SOLUTION
    // STUB: panic("files.pipe_wake: yours to write");
}

Result<u32> Pipe::poll(PipeEnd which, WaitSet* waits) {
    MutexGuard guard(lock_);
    if (waits != nullptr) TRY(waits->add(end(which).waiting));
    if (which == PipeEnd::kReader) {
        u32 ready = ring_.bytes() > 0 ? POLLIN | POLLRDNORM : 0;
        return writers_.open == 0 && writers_.opened > 0 ? ready | POLLHUP : ready;
    }
    u32 ready = ring_.room() >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0;
    return readers_.open == 0 ? ready | POLLERR : ready;
}

usize Pipe::bytes() {
    MutexGuard guard(lock_);
    return ring_.bytes();
}

// The open files at the ends, and FIFOs.

PipeFile::PipeFile(Ref<Pipe> pipe, Ref<Inode> inode, u32 open_flags)
    : File(open_flags), pipe_(move(pipe)), inode_(move(inode)) {
    if (readable()) pipe_->open(PipeEnd::kReader);
    if (writable()) pipe_->open(PipeEnd::kWriter);
}

PipeFile::~PipeFile() {
    release_whole_lock(*this);
    if (readable()) pipe_->close(PipeEnd::kReader);
    if (writable()) pipe_->close(PipeEnd::kWriter);
}

Result<void> PipeFile::stat(struct stat& result) {
    if (inode_) {
        fill_stat(*inode_, result);
        return {};
    }
    fill_stat(pipe_.get(), S_IFIFO | 0600, result);
    return {};
}

Result<i64> PipeFile::control(u64 request, u64 argument) {
    if (request == F_GETPIPE_SZ) return static_cast<i64>(PageRing::kCapacity);
    if (request != FIONREAD) return Errno{ENOTTY};
    TRY(UserOut<i32>(UserAddress(argument)).write(static_cast<i32>(pipe_->bytes())));
    return 0;
}

Result<u32> PipeFile::poll(WaitSet* waits) {
    u32 ready = 0;
    if (readable()) ready |= TRY(pipe_->poll(PipeEnd::kReader, waits));
    if (writable()) ready |= TRY(pipe_->poll(PipeEnd::kWriter, waits));
    return ready;
}

// The FIFO's pipe, made when it is first opened.
static Result<Ref<Pipe>> pipe_of(Inode& inode) {
    MutexGuard guard(inode.lock);
    if (!inode.fifo) inode.fifo = TRY(make_ref<Pipe>());
    return inode.fifo;
}

Result<Ref<File>> open_fifo(Inode& inode, u32 flags) {
    Ref<Pipe> pipe = TRY(pipe_of(inode));
    u32 mode = flags & O_ACCMODE;
    PipeEnd end = mode == O_WRONLY ? PipeEnd::kWriter : PipeEnd::kReader;
    bool may_wait = (flags & O_NONBLOCK) == 0 && mode != O_RDWR;
    if (!may_wait && mode == O_WRONLY && !pipe->is_open(PipeEnd::kReader)) return Errno{ENXIO};
    Ref<PipeFile> file = TRY(make_ref<PipeFile>(pipe, Ref<Inode>(inode), flags));
    if (may_wait) TRY(pipe->wait_for_other(end));
    return Ref<File>(move(file));
}
