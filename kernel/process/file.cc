// What a kind of file answers that does not know an operation. See file.h.
#include "process/file.h"

#include "abi/poll.h"

static constinit Atomic<u64> live_files{0};

u64 File::live_count() { return live_files.load(); }

File::File(u32 open_flags)
    : flags(open_flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)) {
    live_files.fetch_add(1);
}
File::~File() { live_files.fetch_sub(1); }

Result<usize> File::read(UserSpan) { return Errno{EINVAL}; }
Result<usize> File::write(UserSpan) { return Errno{EINVAL}; }
Result<usize> File::read_at(u64, UserSpan) { return Errno{ESPIPE}; }
Result<usize> File::write_at(u64, UserSpan) { return Errno{ESPIPE}; }
Result<u64> File::seek(i64, int) { return Errno{ESPIPE}; }
Result<void> File::stat(struct stat&) { return Errno{EBADF}; }
Result<i64> File::control(u64, u64) { return Errno{ENOTTY}; }
Result<usize> File::read_directory(UserSpan) { return Errno{ENOTDIR}; }
Result<void> File::truncate(u64) { return Errno{EINVAL}; }
Result<void> File::sync() { return Errno{EINVAL}; }
Result<Ref<Pager>> File::pager() { return Errno{ENODEV}; }
Result<u32> File::poll(WaitSet*) { return u32{POLLIN | POLLOUT}; }
