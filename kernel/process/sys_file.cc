// The system calls that every kind of open file knows: read, write, their vector forms, and close.
// What files there are is floor io's business. Reference: read(2), write(2), readv(2), close(2).
#include "abi/limits.h"
#include "abi/uio.h"
#include "process/process.h"
#include "process/syscall.h"

Result<Ref<File>> file_for_reading(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    return file->readable() ? Result<Ref<File>>(move(file)) : Errno{EBADF};
}

Result<Ref<File>> file_for_writing(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    return file->writable() ? Result<Ref<File>>(move(file)) : Errno{EBADF};
}

namespace {

// Calls move_part(span) for each part of the vector, up to the first that comes out short. What has
// been moved counts: an error is told only where that is nothing.
template <typename Move> Result<i64> for_each_part(UserAddress vector, int count, Move move_part) {
    if (count < 0 || count > IOV_MAX) return Errno{EINVAL};
    UserIn<struct iovec> parts(vector);
    u64 done = 0;
    for (u64 i = 0; i < static_cast<u64>(count); i++) {
        struct iovec part = TRY(parts.read(i));
        if (part.iov_len > ~u64{0} >> 1) return Errno{EINVAL};
        u64 size = min(part.iov_len, kMostBytes - done);
        if (size == 0) continue;
        Result<usize> moved =
            move_part(UserSpan(UserAddress(reinterpret_cast<u64>(part.iov_base)), size));
        if (!moved.ok() && done == 0) return moved.error();
        if (!moved.ok() || *moved < size) return static_cast<i64>(done + (moved.ok() ? *moved : 0));
        done += size;
    }
    return static_cast<i64>(done);
}

}  // namespace

static Result<i64> sys_read(int fd, UserAddress to, u64 size) {
    Ref<File> file = TRY(file_for_reading(fd));
    return static_cast<i64>(TRY(file->read(buffer_at(to, size))));
}
SYSCALL(read);

static Result<i64> sys_write(int fd, UserAddress from, u64 size) {
    Ref<File> file = TRY(file_for_writing(fd));
    return static_cast<i64>(TRY(file->write(buffer_at(from, size))));
}
SYSCALL(write);

static Result<i64> sys_readv(int fd, UserAddress vector, int count) {
    Ref<File> file = TRY(file_for_reading(fd));
    return for_each_part(vector, count, [&](UserSpan to) { return file->read(to); });
}
SYSCALL(readv);

static Result<i64> sys_writev(int fd, UserAddress vector, int count) {
    Ref<File> file = TRY(file_for_writing(fd));
    return for_each_part(vector, count, [&](UserSpan from) { return file->write(from); });
}
SYSCALL(writev);

static Result<void> sys_close(int fd) { return current_process().files->close(fd); }
SYSCALL(close);
