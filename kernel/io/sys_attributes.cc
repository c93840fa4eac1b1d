// System calls that change attributes of files: mode, owner, times.
// Reference: chmod(2), chown(2), utimensat(2).
#include "cpu/rtc.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

// Calls change(inode) with the lock held, and stores what it did.
template <typename Change> Result<i64> change_attributes(Inode& inode, Change change) {
    if (inode.fs.read_only()) return Errno{EROFS};
    MutexGuard guard(inode.lock);
    change();
    inode.ctime.store(static_cast<i64>(wall_clock_now()));
    TRY(inode.write_attributes());
    return 0;
}

Result<Ref<Inode>> inode_of(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    if (file->inode() == nullptr) return Errno{EINVAL};
    return Ref<Inode>(*file->inode());
}

Result<i64> change_mode(Inode& inode, u32 mode) {
    return change_attributes(
        inode, [&] { inode.mode.store((inode.mode.load() & S_IFMT) | (mode & 07777)); });
}

Result<i64> change_owner(Inode& inode, u32 uid, u32 gid) {
    constexpr u32 kUnchanged = ~u32{0};
    return change_attributes(inode, [&] {
        if (uid != kUnchanged) inode.uid.store(uid);
        if (gid != kUnchanged) inode.gid.store(gid);
        if (!inode.is_directory() && (inode.mode.load() & 0111) != 0) {
            inode.mode.fetch_and(~u32{S_ISUID | S_ISGID});
        }
    });
}

// The time that utimensat asks for; `now` for UTIME_NOW, `old` for UTIME_OMIT.
Result<i64> wanted_time(const struct timespec& time, i64 now, i64 old) {
    if (time.tv_nsec == UTIME_NOW) return now;
    if (time.tv_nsec == UTIME_OMIT) return old;
    i64 billion = static_cast<i64>(kSecond);
    if (time.tv_nsec < 0 || time.tv_nsec >= billion) return Errno{EINVAL};
    // Far away times end at what 64 bits of nanoseconds reach: the years 1677 and 2262.
    constexpr i64 kMostSeconds = 9'223'372'035;
    i64 seconds = max(min(time.tv_sec, kMostSeconds), -kMostSeconds);
    return seconds * billion + time.tv_nsec;
}

}  // namespace

static Result<i64> sys_fchmodat(int directory_fd, UserAddress path, u32 mode) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    return change_mode(*TRY(argument.lookup(0)), mode);
}
SYSCALL(fchmodat);

static Result<i64> sys_fchmod(int fd, u32 mode) { return change_mode(*TRY(inode_of(fd)), mode); }
SYSCALL(fchmod);

static Result<i64> sys_fchownat(int directory_fd, UserAddress path, u32 uid, u32 gid, int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    PathArgument argument;
    TRY(argument.read(directory_fd, path, flags));
    return change_owner(*TRY(argument.lookup(flags)), uid, gid);
}
SYSCALL(fchownat);

static Result<i64> sys_fchown(int fd, u32 uid, u32 gid) {
    return change_owner(*TRY(inode_of(fd)), uid, gid);
}
SYSCALL(fchown);

// A null path means the descriptor; null times mean now.
static Result<i64> sys_utimensat(int directory_fd, UserAddress path, UserIn<struct timespec> times,
                                 int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    struct timespec wanted[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    if (!times.is_null()) {
        wanted[0] = TRY(times.read(0));
        wanted[1] = TRY(times.read(1));
    }
    if (wanted[0].tv_nsec == UTIME_OMIT && wanted[1].tv_nsec == UTIME_OMIT) return 0;
    Ref<Inode> inode;
    if (path.value == 0) {
        inode = TRY(inode_of(directory_fd));
    } else {
        PathArgument argument;
        TRY(argument.read(directory_fd, path, flags));
        inode = TRY(argument.lookup(flags));
    }
    i64 now = static_cast<i64>(wall_clock_now());
    i64 atime = TRY(wanted_time(wanted[0], now, inode->atime.load()));
    i64 mtime = TRY(wanted_time(wanted[1], now, inode->mtime.load()));
    return change_attributes(*inode, [&] {
        inode->atime.store(atime);
        inode->mtime.store(mtime);
    });
}
SYSCALL(utimensat);
