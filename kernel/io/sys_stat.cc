// System calls that tell about files, and that change their attributes. Reference: stat(2), statx(2),
// access(2), statfs(2), chmod(2), chown(2), utimensat(2).
#include "cpu/rtc.h"
#include "io/inode_file.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

// What fstatat means: an empty path is the descriptor itself, also of a pipe.
Result<void> stat_at(int directory_fd, UserAddress path, int flags, struct stat& result) {
    if ((flags & AT_EMPTY_PATH) != 0 && directory_fd != AT_FDCWD && TRY(is_empty_path(path))) {
        return TRY(current_process().files->get(directory_fd))->stat(result);
    }
    fill_stat(*TRY(inode_at(directory_fd, path, flags)), result);
    return {};
}

struct statx_timestamp to_statx_time(const struct timespec& time) {
    return {time.tv_sec, static_cast<u32>(time.tv_nsec), 0};
}

struct statx to_statx(const struct stat& from) {
    struct statx result = {};
    result.stx_mask = STATX_BASIC_STATS;
    result.stx_blksize = static_cast<u32>(from.st_blksize);
    result.stx_nlink = from.st_nlink;
    result.stx_uid = from.st_uid;
    result.stx_gid = from.st_gid;
    result.stx_mode = static_cast<u16>(from.st_mode);
    result.stx_ino = from.st_ino;
    result.stx_size = static_cast<u64>(from.st_size);
    result.stx_blocks = static_cast<u64>(from.st_blocks);
    result.stx_atime = to_statx_time(from.st_atim);
    result.stx_ctime = to_statx_time(from.st_ctim);
    result.stx_mtime = to_statx_time(from.st_mtim);
    result.stx_rdev_major = ABI_MAJOR(from.st_rdev);
    result.stx_rdev_minor = ABI_MINOR(from.st_rdev);
    result.stx_dev_major = ABI_MAJOR(from.st_dev);
    result.stx_dev_minor = ABI_MINOR(from.st_dev);
    return result;
}

Result<void> write_statfs(FileSystem& fs, UserOut<struct statfs> to) {
    struct statfs result = {};
    TRY(fs.statfs(result));
    result.f_fsid.val[0] = static_cast<i32>(fs.device());
    result.f_flags = ST_VALID | ST_NOATIME | (fs.read_only() ? ST_RDONLY : 0);
    return to.write(result);
}

Result<void> access_at(int directory_fd, UserAddress path, int mode, int flags) {
    if ((mode & ~(R_OK | W_OK | X_OK)) != 0 ||
        (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
        return Errno{EINVAL};
    }
    return check_access(*TRY(inode_at(directory_fd, path, flags)), static_cast<u32>(mode));
}

}  // namespace

static Result<void> sys_newfstatat(int directory_fd, UserAddress path, UserOut<struct stat> to,
                                   int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) != 0) {
        return Errno{EINVAL};
    }
    struct stat result;
    TRY(stat_at(directory_fd, path, flags, result));
    return to.write(result);
}
SYSCALL(newfstatat);

static Result<void> sys_fstat(int fd, UserOut<struct stat> to) {
    struct stat result;
    TRY(TRY(current_process().files->get(fd))->stat(result));
    return to.write(result);
}
SYSCALL(fstat);

static Result<void> sys_statx(int directory_fd, UserAddress path, int flags, u32 mask,
                              UserOut<struct statx> to) {
    constexpr int kKnown =
        AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    constexpr u32 kReserved = 0x80000000;
    if ((flags & ~kKnown) != 0 || (mask & kReserved) != 0 ||
        (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) {
        return Errno{EINVAL};
    }
    struct stat result;
    TRY(stat_at(directory_fd, path, flags, result));
    return to.write(to_statx(result));
}
SYSCALL(statx);

static Result<void> sys_faccessat(int directory_fd, UserAddress path, int mode) {
    return access_at(directory_fd, path, mode, 0);
}
SYSCALL(faccessat);

SYSCALL_AS(faccessat2, access_at);

static Result<void> sys_statfs(UserAddress path, UserOut<struct statfs> to) {
    return write_statfs(TRY(inode_at(AT_FDCWD, path))->fs, to);
}
SYSCALL(statfs);

static Result<void> sys_fstatfs(int fd, UserOut<struct statfs> to) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->inode() != nullptr) return write_statfs(file->inode()->fs, to);
    struct statfs result = {};
    result.f_type = PIPEFS_MAGIC;
    result.f_bsize = result.f_frsize = kPageSize;
    result.f_namelen = NAME_MAX;
    return to.write(result);
}
SYSCALL(fstatfs);

// Changing mode, owner and times.

namespace {

// Calls change(inode) with the lock held, and stores what it did.
template <typename Change> Result<void> change_attributes(Inode& inode, Change change) {
    if (inode.fs.read_only()) return Errno{EROFS};
    MutexGuard guard(inode.lock);
    change();
    inode.ctime.store(static_cast<i64>(wall_clock_now()));
    return inode.write_attributes();
}

Result<Ref<Inode>> inode_of(int fd) {
    Ref<File> file = TRY(opened_file(fd));
    if (file->inode() == nullptr) return Errno{EINVAL};
    return Ref<Inode>(*file->inode());
}

Result<void> change_mode(Inode& inode, u32 mode) {
    return change_attributes(
        inode, [&] { inode.mode.store((inode.mode.load() & S_IFMT) | (mode & 07777)); });
}

Result<void> change_owner(Inode& inode, u32 uid, u32 gid) {
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

static Result<void> sys_fchmodat(int directory_fd, UserAddress path, u32 mode) {
    return change_mode(*TRY(inode_at(directory_fd, path)), mode);
}
SYSCALL(fchmodat);

static Result<void> sys_fchmod(int fd, u32 mode) { return change_mode(*TRY(inode_of(fd)), mode); }
SYSCALL(fchmod);

static Result<void> sys_fchownat(int directory_fd, UserAddress path, u32 uid, u32 gid, int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    return change_owner(*TRY(inode_at(directory_fd, path, flags)), uid, gid);
}
SYSCALL(fchownat);

static Result<void> sys_fchown(int fd, u32 uid, u32 gid) {
    return change_owner(*TRY(inode_of(fd)), uid, gid);
}
SYSCALL(fchown);

// A null path means the descriptor; null times mean now.
static Result<void> sys_utimensat(int directory_fd, UserAddress path, UserIn<struct timespec> times,
                                  int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    struct timespec wanted[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    if (!times.is_null()) {
        wanted[0] = TRY(times.read(0));
        wanted[1] = TRY(times.read(1));
    }
    if (wanted[0].tv_nsec == UTIME_OMIT && wanted[1].tv_nsec == UTIME_OMIT) return {};
    bool means_file = path.value == 0 && directory_fd != AT_FDCWD;
    if (means_file && flags != 0) return Errno{EINVAL};
    Ref<Inode> inode =
        TRY(means_file ? inode_of(directory_fd) : inode_at(directory_fd, path, flags));
    i64 now = static_cast<i64>(wall_clock_now());
    i64 atime = TRY(wanted_time(wanted[0], now, inode->atime.load()));
    i64 mtime = TRY(wanted_time(wanted[1], now, inode->mtime.load()));
    return change_attributes(*inode, [&] {
        inode->atime.store(atime);
        inode->mtime.store(mtime);
    });
}
SYSCALL(utimensat);

// No file system here keeps extended attributes: there are none to list, and none can be had or set.
// `flags` are AT_…. ERANGE: that is no attribute's name.

template <int flags> static Result<void> list_none(UserAddress path) {
    (void) TRY(inode_at(AT_FDCWD, path, flags));
    return {};
}
SYSCALL_AS(listxattr, list_none<0>);
SYSCALL_AS(llistxattr, list_none<AT_SYMLINK_NOFOLLOW>);

static Result<void> sys_flistxattr(int fd) {
    (void) TRY(opened_file(fd));
    return {};
}
SYSCALL(flistxattr);

static Result<void> refuse_attribute(UserAddress name) {
    char text[256];
    usize length = TRY(read_user_string(name, Span<char>(text), ERANGE));
    return Errno{length == 0 ? ERANGE : EOPNOTSUPP};
}

template <int flags> static Result<void> refuse_at(UserAddress path, UserAddress name) {
    (void) TRY(inode_at(AT_FDCWD, path, flags));
    return refuse_attribute(name);
}
SYSCALL_AS(getxattr, refuse_at<0>);
SYSCALL_AS(setxattr, refuse_at<0>);
SYSCALL_AS(removexattr, refuse_at<0>);
SYSCALL_AS(lgetxattr, refuse_at<AT_SYMLINK_NOFOLLOW>);
SYSCALL_AS(lsetxattr, refuse_at<AT_SYMLINK_NOFOLLOW>);
SYSCALL_AS(lremovexattr, refuse_at<AT_SYMLINK_NOFOLLOW>);

static Result<void> sys_fgetxattr(int fd, UserAddress name) {
    (void) TRY(opened_file(fd));
    return refuse_attribute(name);
}
SYSCALL(fgetxattr);
SYSCALL_AS(fsetxattr, sys_fgetxattr);
SYSCALL_AS(fremovexattr, sys_fgetxattr);
