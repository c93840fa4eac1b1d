// System calls on descriptors: dup, dup3, fcntl, flock, ioctl, close_range, pipe2; and of files that have a
// position and a length: pread, pwrite, lseek, truncate, fsync. (read, write and their vector forms
// are floor process's: every file knows them.) Reference: the manual page of each.
#include "abi/termios.h"
#include "io/inode_file.h"
#include "io/open.h"
#include "io/pipe.h"
#include "io/record_lock.h"
#include "process/process.h"
#include "process/syscall.h"

static FdTable& descriptors() { return *current_process().files; }

static Result<void> sys_close_range(u32 first, u32 last, u32 flags) {
    constexpr u32 kCloseOnExec = 4;
    if (first > last || (flags & ~kCloseOnExec) != 0) return Errno{EINVAL};
    u32 most = kMaxDescriptors;
    for (int fd = first < most ? descriptors().next_in_use(static_cast<int>(first)) : -1;
         fd >= 0 && static_cast<u32>(fd) <= last; fd = descriptors().next_in_use(fd + 1)) {
        if ((flags & kCloseOnExec) != 0) {
            (void) descriptors().set_close_on_exec(fd, CloseOnExec::kYes);
        } else {
            (void) descriptors().close(fd);
        }
    }
    return {};
}
SYSCALL(close_range);

static Result<int> sys_dup(int fd) {
    Ref<File> file = TRY(descriptors().get(fd));
    return TRY(descriptors().install(move(file), CloseOnExec::kNo));
}
SYSCALL(dup);

static Result<int> sys_dup3(int old_fd, int new_fd, u32 flags) {
    // BEGIN SOLUTION(files.dup)
    if ((flags & ~u32{O_CLOEXEC}) != 0 || old_fd == new_fd) return Errno{EINVAL};
    Ref<File> file = TRY(descriptors().get(old_fd));
    TRY(descriptors().replace(new_fd, move(file), close_on_exec(flags)));
    return new_fd;
    // END SOLUTION
    // STUB: (void)old_fd, (void)new_fd, (void)flags;
    // STUB: panic("files.dup: yours to write");
    // UNTIL: (void)old_fd, (void)new_fd, (void)flags;
    // UNTIL: return Errno{ENOSYS};
}
SYSCALL(dup3);

Result<void> install_pair(Ref<File> first, Ref<File> second, u32 flags, UserOut<int> to) {
    int first_fd = TRY(descriptors().install(move(first), close_on_exec(flags)));
    Defer close_first([&] { (void) descriptors().remove(first_fd); });
    int second_fd = TRY(descriptors().install(move(second), close_on_exec(flags)));
    Defer close_second([&] { (void) descriptors().remove(second_fd); });
    TRY(to.write(first_fd, 0));
    TRY(to.write(second_fd, 1));
    close_first.cancel();
    close_second.cancel();
    return {};
}

static Result<void> sys_pipe2(UserOut<int> to, u32 flags) {
    if ((flags & ~u32{O_CLOEXEC | O_NONBLOCK | O_DIRECT}) != 0) return Errno{EINVAL};
    u32 status = flags & O_NONBLOCK;
    Ref<Pipe> pipe = TRY(make_ref<Pipe>());
    Ref<File> reader = TRY(make_ref<PipeFile>(pipe, nullptr, O_RDONLY | status));
    Ref<File> writer = TRY(make_ref<PipeFile>(pipe, nullptr, O_WRONLY | status));
    return install_pair(move(reader), move(writer), flags, to);
}
SYSCALL(pipe2);

// What F_SETFL may change.
static Result<i64> set_status_flags(File& file, u64 flags) {
    constexpr u32 kChangeable = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;
    u32 old = file.flags.load();
    while (!file.flags.compare_exchange(old, (old & ~kChangeable) | (flags & kChangeable))) {
    }
    return 0;
}

// The part of fcntl that works on the file, not on the descriptor.
static Result<i64> control_file(File& file, int command, u64 argument) {
    switch (command) {
    case F_SETFL: return set_status_flags(file, argument);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW: TRY(record_lock(file, command, UserAddress(argument))); return 0;
    case F_SETOWN:
    case F_GETOWN:
    case F_SETSIG:
    case F_GETSIG: return 0;  // SIGIO is never sent
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ: {
        Result<i64> size = file.control(F_GETPIPE_SZ, 0);
        return size.ok() ? move(size) : Errno{EBADF};
    }
    default: return Errno{EINVAL};
    }
}

static Result<i64> sys_fcntl(int fd, int command, u64 argument) {
    Ref<File> file = TRY(descriptors().get(fd));
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: {
        if (argument >= static_cast<u64>(descriptors().limit.load())) return Errno{EINVAL};
        CloseOnExec flag{command == F_DUPFD_CLOEXEC};
        return TRY(descriptors().install(move(file), flag, static_cast<int>(argument)));
    }
    case F_GETFD: return TRY(descriptors().close_on_exec(fd)) == CloseOnExec::kYes ? FD_CLOEXEC : 0;
    case F_SETFD:
        TRY(descriptors().set_close_on_exec(fd, CloseOnExec{(argument & FD_CLOEXEC) != 0}));
        return 0;
    case F_GETFL: return file->flags.load();
    default:
        return file->path_only() ? Result<i64>(Errno{EBADF})
                                 : control_file(*file, command, argument);
    }
}
SYSCALL(fcntl);

static Result<i64> sys_ioctl(int fd, u32 request, UserAddress argument) {
    Ref<File> file = TRY(opened_file(fd));
    switch (request) {
    case FIOCLEX:
    case FIONCLEX:
        TRY(descriptors().set_close_on_exec(fd, CloseOnExec{request == FIOCLEX}));
        return 0;
    case FIONBIO: {
        bool on = TRY(UserIn<int>(argument).read()) != 0;
        on ? file->flags.fetch_or(O_NONBLOCK) : file->flags.fetch_and(~u32{O_NONBLOCK});
        return 0;
    }
    case FIOASYNC: TRY(UserIn<int>(argument).read()); return 0;
    default: return file->control(request, argument.value);
    }
}
SYSCALL(ioctl);

static Result<usize> sys_pread64(int fd, UserAddress to, u64 size, i64 offset) {
    if (offset < 0) return Errno{EINVAL};
    Ref<File> file = TRY(file_for_reading(fd));
    return file->read_at(static_cast<u64>(offset), buffer_at(to, size));
}
SYSCALL(pread64);

static Result<usize> sys_pwrite64(int fd, UserAddress from, u64 size, i64 offset) {
    if (offset < 0) return Errno{EINVAL};
    Ref<File> file = TRY(file_for_writing(fd));
    return file->write_at(static_cast<u64>(offset), buffer_at(from, size));
}
SYSCALL(pwrite64);

static Result<u64> sys_lseek(int fd, i64 offset, int whence) {
    Ref<File> file = TRY(opened_file(fd));
    if (whence < SEEK_SET || whence > SEEK_HOLE) return Errno{EINVAL};  // also of a pipe
    return file->seek(offset, whence);
}
SYSCALL(lseek);

static Result<void> sys_flock(int fd, u32 operation) {
    u32 kind = operation & ~u32{LOCK_NB};
    if ((operation & LOCK_MAND) != 0) return {};  // as on Linux, where they never kept anybody out
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN) return Errno{EINVAL};
    return whole_lock(*TRY(opened_file(fd)), operation);
}
SYSCALL(flock);

static Result<void> sys_ftruncate(int fd, i64 length) {
    if (length < 0) return Errno{EINVAL};
    Ref<File> file = TRY(opened_file(fd));
    if (!file->writable()) return Errno{EINVAL};
    return file->truncate(static_cast<u64>(length));
}
SYSCALL(ftruncate);

static Result<void> sys_truncate(UserAddress path, i64 length) {
    if (length < 0) return Errno{EINVAL};
    Ref<Inode> inode = TRY(inode_at(AT_FDCWD, path));
    if (inode->is_directory()) return Errno{EISDIR};
    if (!inode->is_regular()) return Errno{EINVAL};
    MutexGuard guard(inode->lock);
    return truncate_locked(*inode, static_cast<u64>(length));
}
SYSCALL(truncate);

static Result<void> sys_fsync(int fd) { return TRY(opened_file(fd))->sync(); }
SYSCALL(fsync);
SYSCALL_AS(fdatasync, sys_fsync);

static Result<void> sys_sync() {
    (void) sync_all_file_systems();  // sync(2) has no way to tell
    return {};
}
SYSCALL(sync);

// Advice about access patterns is checked and not taken.
static Result<void> sys_fadvise64(int fd, i64, i64 length, int advice) {
    Ref<File> file = TRY(opened_file(fd));
    if (file->inode() == nullptr || file->inode()->type() == S_IFIFO) return Errno{ESPIPE};
    bool known = advice >= POSIX_FADV_NORMAL && advice <= POSIX_FADV_NOREUSE;
    return known && length >= 0 ? Result<void>() : Errno{EINVAL};
}
SYSCALL(fadvise64);
