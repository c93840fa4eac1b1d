// An open file description (POSIX's term): what file descriptors refer to, shared after dup and
// fork. Declared here, because processes own descriptors; most kinds are made by floor io.
// Operations default to the error that Linux gives for a kind that lacks them.
#pragma once
#include "abi/fcntl.h"
#include "abi/poll.h"
#include "base/owned.h"
#include "process/pager.h"
#include "process/user_memory.h"

class Inode;
class Socket;
class WaitSet;
struct stat;

class File : public RefCounted {
  public:
    // `flags` are open(2)'s: access mode and status flags; those that matter later are kept.
    explicit File(u32 flags);

    // Read or write at the file's position, or in arrival order. Return how many bytes; 0 from a
    // read is the end. EINTR where a signal came before the first byte, EAGAIN with O_NONBLOCK.
    // Access mode has been checked by the caller.
    virtual Result<usize> read(UserSpan /*to*/) { return Errno{EINVAL}; }
    virtual Result<usize> write(UserSpan /*from*/) { return Errno{EINVAL}; }
    virtual Result<usize> read_at(u64 /*offset*/, UserSpan /*to*/) { return Errno{ESPIPE}; }
    virtual Result<usize> write_at(u64 /*offset*/, UserSpan /*from*/) { return Errno{ESPIPE}; }
    virtual Result<u64> seek(i64 /*offset*/, int /*whence*/) { return Errno{ESPIPE}; }
    virtual Result<void> stat(struct stat& /*result*/) { return Errno{EBADF}; }
    virtual Result<i64> control(u64 /*request*/, u64 /*argument*/) { return Errno{ENOTTY}; }
    virtual Result<usize> read_directory(UserSpan /*to*/) { return Errno{ENOTDIR}; }  // getdents64
    virtual Result<void> truncate(u64 /*size*/) { return Errno{EINVAL}; }
    virtual Result<void> sync() { return Errno{EINVAL}; }
    virtual Result<Ref<Pager>> pager() { return Errno{ENODEV}; }  // mmap(2), exec
    // Which of POLLIN, POLLOUT, POLLERR, POLLHUP hold now; adds to `waits`, if not null, the queues
    // that are woken when that changes. ENOMEM. Default: always ready for both.
    virtual Result<u32> poll(WaitSet* /*waits*/) { return u32{POLLIN | POLLOUT}; }
    // The inode behind it, for *at calls, fstat, exec; null where there is none.
    virtual Inode* inode() { return nullptr; }
    virtual Socket* socket() { return nullptr; }  // itself, if it is one

    bool readable() const { return (flags.load_relaxed() & O_ACCMODE) != O_WRONLY && !path_only(); }
    bool writable() const { return (flags.load_relaxed() & O_ACCMODE) != O_RDONLY && !path_only(); }
    bool nonblocking() const { return (flags.load_relaxed() & O_NONBLOCK) != 0; }
    bool appending() const { return (flags.load_relaxed() & O_APPEND) != 0; }
    bool path_only() const { return (flags.load_relaxed() & O_PATH) != 0; }

    // Access mode and status flags; F_SETFL changes some.
    Atomic<u32> flags;

    // Open file descriptions alive, for leak tests.
    static u64 live_count();

  protected:
    ~File() override;
};
