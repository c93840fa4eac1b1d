// The open files at the ends of pipes, and FIFOs. See pipe.h.
#include "abi/poll.h"
#include "abi/stat.h"
#include "abi/termios.h"
#include "io/inode_file.h"
#include "io/pipe.h"

PipeFile::PipeFile(Ref<Pipe> pipe, Ref<Inode> inode, u32 open_flags)
    : File(open_flags), pipe_(move(pipe)), inode_(move(inode)) {
    if (readable()) pipe_->open(PipeEnd::kReader);
    if (writable()) pipe_->open(PipeEnd::kWriter);
}

PipeFile::~PipeFile() {
    if (readable()) pipe_->close(PipeEnd::kReader);
    if (writable()) pipe_->close(PipeEnd::kWriter);
}

Result<void> PipeFile::stat(struct stat& result) {
    if (inode_) {
        fill_stat(*inode_, result);
        return {};
    }
    result = {};
    // A number that no other pipe has at this time.
    result.st_ino = reinterpret_cast<u64>(pipe_.get()) & 0xffffffff;
    result.st_mode = S_IFIFO | 0600;
    result.st_nlink = 1;
    result.st_blksize = kPageSize;
    return {};
}

Result<i64> PipeFile::control(u64 request, u64 argument) {
    if (request == F_GETPIPE_SZ) return static_cast<i64>(PageRing::kCapacity);
    if (request != FIONREAD) return Errno{ENOTTY};
    i32 bytes = static_cast<i32>(pipe_->bytes());
    TRY(UserOut<i32>(UserAddress(argument)).write(bytes));
    return 0;
}

Result<u32> PipeFile::poll(WaitSet* waits) {
    u32 ready = 0;
    if (readable()) ready |= TRY(pipe_->poll(PipeEnd::kReader, waits));
    if (writable()) ready |= TRY(pipe_->poll(PipeEnd::kWriter, waits));
    return ready;
}

namespace {

// The FIFO's pipe, made when it is first opened.
Result<Ref<Pipe>> pipe_of(Inode& inode) {
    MutexGuard guard(inode.lock);
    if (!inode.fifo) inode.fifo = TRY(make_ref<Pipe>());
    return inode.fifo;
}

}  // namespace

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
