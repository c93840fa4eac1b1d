// System calls that tell about files: stat in its forms, access, statfs. Changing attributes is in
// sys_attributes.cc. Reference: stat(2), statx(2), access(2), statfs(2).
#include "io/inode_file.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

// What fstatat means: an empty path is the descriptor itself, also of a pipe.
Result<void> stat_at(int directory_fd, UserAddress path, int flags, struct stat& result) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path, flags | AT_EMPTY_PATH));
    if (argument.path().empty()) {
        if ((flags & AT_EMPTY_PATH) == 0) return Errno{ENOENT};
        if (directory_fd != AT_FDCWD) {
            return TRY(current_process().files->get(directory_fd))->stat(result);
        }
    }
    fill_stat(*TRY(argument.lookup(flags)), result);
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

Result<i64> write_statfs(FileSystem& fs, UserOut<struct statfs> to) {
    struct statfs result = {};
    TRY(fs.statfs(result));
    result.f_fsid.val[0] = static_cast<i32>(fs.device());
    result.f_flags = ST_VALID | ST_NOATIME | (fs.read_only() ? ST_RDONLY : 0);
    TRY(to.write(result));
    return 0;
}

Result<i64> access_at(int directory_fd, UserAddress path, int mode, int flags) {
    if ((mode & ~(R_OK | W_OK | X_OK)) != 0 ||
        (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
        return Errno{EINVAL};
    }
    PathArgument argument;
    TRY(argument.read(directory_fd, path, flags));
    Ref<Inode> inode = TRY(argument.lookup(flags));
    TRY(check_access(*inode, static_cast<u32>(mode)));
    return 0;
}

}  // namespace

static Result<i64> sys_newfstatat(int directory_fd, UserAddress path, UserOut<struct stat> to,
                                  int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) != 0) {
        return Errno{EINVAL};
    }
    struct stat result;
    TRY(stat_at(directory_fd, path, flags, result));
    TRY(to.write(result));
    return 0;
}
SYSCALL(newfstatat);

static Result<i64> sys_fstat(int fd, UserOut<struct stat> to) {
    struct stat result;
    Ref<File> file = TRY(current_process().files->get(fd));
    TRY(file->stat(result));
    TRY(to.write(result));
    return 0;
}
SYSCALL(fstat);

static Result<i64> sys_statx(int directory_fd, UserAddress path, int flags, u32 mask,
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
    TRY(to.write(to_statx(result)));
    return 0;
}
SYSCALL(statx);

static Result<i64> sys_faccessat(int directory_fd, UserAddress path, int mode) {
    return access_at(directory_fd, path, mode, 0);
}
SYSCALL(faccessat);

static Result<i64> sys_faccessat2(int directory_fd, UserAddress path, int mode, int flags) {
    return access_at(directory_fd, path, mode, flags);
}
SYSCALL(faccessat2);

static Result<i64> sys_statfs(UserAddress path, UserOut<struct statfs> to) {
    PathArgument argument;
    TRY(argument.read(AT_FDCWD, path));
    return write_statfs(TRY(argument.lookup(0))->fs, to);
}
SYSCALL(statfs);

static Result<i64> sys_fstatfs(int fd, UserOut<struct statfs> to) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->inode() != nullptr) return write_statfs(file->inode()->fs, to);
    struct statfs result = {};
    result.f_type = PIPEFS_MAGIC;
    result.f_bsize = result.f_frsize = kPageSize;
    result.f_namelen = NAME_MAX;
    TRY(to.write(result));
    return 0;
}
SYSCALL(fstatfs);
