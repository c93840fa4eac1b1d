// System calls of files that have a position and a length: pread, pwrite, lseek, truncate, fsync.
// (read, write and their vector forms are floor process's: every file knows them.)
// Reference: pread(2), lseek(2), truncate(2), fsync(2).
#include "io/inode_file.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

static Result<i64> sys_pread64(int fd, UserAddress to, u64 size, i64 offset) {
    if (offset < 0) return Errno{EINVAL};
    Ref<File> file = TRY(file_for_reading(fd));
    return static_cast<i64>(TRY(file->read_at(static_cast<u64>(offset), buffer_at(to, size))));
}
SYSCALL(pread64);

static Result<i64> sys_pwrite64(int fd, UserAddress from, u64 size, i64 offset) {
    if (offset < 0) return Errno{EINVAL};
    Ref<File> file = TRY(file_for_writing(fd));
    return static_cast<i64>(TRY(file->write_at(static_cast<u64>(offset), buffer_at(from, size))));
}
SYSCALL(pwrite64);

static Result<i64> sys_lseek(int fd, i64 offset, int whence) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    return static_cast<i64>(TRY(file->seek(offset, whence)));
}
SYSCALL(lseek);

// There is no copy inside the kernel: EINVAL sends programs back to read and write.
static Result<i64> sys_sendfile(int out_fd, int in_fd, UserAddress, u64) {
    TRY(file_for_reading(in_fd));
    TRY(file_for_writing(out_fd));
    return Errno{EINVAL};
}
SYSCALL(sendfile);

static Result<i64> sys_ftruncate(int fd, i64 length) {
    if (length < 0) return Errno{EINVAL};
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    if (!file->writable()) return Errno{EINVAL};
    TRY(file->truncate(static_cast<u64>(length)));
    return 0;
}
SYSCALL(ftruncate);

static Result<i64> sys_truncate(UserAddress path, i64 length) {
    if (length < 0) return Errno{EINVAL};
    PathArgument argument;
    TRY(argument.read(AT_FDCWD, path));
    Ref<Inode> inode = TRY(argument.lookup(0));
    if (inode->is_directory()) return Errno{EISDIR};
    if (!inode->is_regular()) return Errno{EINVAL};
    MutexGuard guard(inode->lock);
    TRY(truncate_locked(*inode, static_cast<u64>(length)));
    return 0;
}
SYSCALL(truncate);

static Result<i64> sys_fsync(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    TRY(file->sync());
    return 0;
}
SYSCALL(fsync);

static Result<i64> sys_fdatasync(int fd) { return sys_fsync(fd); }
SYSCALL(fdatasync);

static Result<i64> sys_sync() {
    (void) sync_all_file_systems();  // sync(2) has no way to tell
    return 0;
}
SYSCALL(sync);

// Advice about access patterns is checked and not taken.
static Result<i64> sys_fadvise64(int fd, i64, i64 length, int advice) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    if (file->inode() == nullptr || file->inode()->type() == S_IFIFO) return Errno{ESPIPE};
    return advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE || length < 0
               ? Result<i64>(Errno{EINVAL})
               : Result<i64>(0);
}
SYSCALL(fadvise64);
