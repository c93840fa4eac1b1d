// Opening files by path, and the system calls that open and create: openat and mknodat. See open.h.
// Reference: open(2), mknod(2).
#include "io/open.h"

#include "io/inode_file.h"
#include "io/names.h"
#include "io/process_files.h"
#include "process/syscall.h"

namespace {

// A path from user memory, and the directory that it starts from.
struct PathArgument : Immovable {
    Result<void> read(int directory_fd, UserAddress address, int flags = 0);

    UserPath path;
    Ref<Inode> start;  // null for an absolute path, and for an empty one of a file without an inode
};

Result<void> PathArgument::read(int directory_fd, UserAddress address, int flags) {
    TRY(path.read(address));
    StringView text = path.view();
    if (text.empty() && (flags & AT_EMPTY_PATH) == 0) return Errno{ENOENT};
    if (text.starts_with("/")) return {};  // from the root, whatever the descriptor
    if (directory_fd == AT_FDCWD) {
        start = current_directory();
        return {};
    }
    Ref<File> file = TRY(current_process().files->get(directory_fd));
    start = Ref<Inode>::share(file->inode());
    return start || text.empty() ? Result<void>() : Errno{ENOTDIR};
}

}  // namespace

Result<Ref<Inode>> inode_at(int directory_fd, UserAddress path, int flags) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path, flags));
    if (argument.path.view().empty()) {
        return argument.start ? Result<Ref<Inode>>(argument.start) : Errno{EBADF};
    }
    bool follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    return lookup_path(argument.start, argument.path.view(),
                       follow ? FollowLast::kYes : FollowLast::kNo);
}

Result<ParentAndName> parent_at(int directory_fd, UserAddress path) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    return lookup_parent(argument.start, argument.path.view());
}

Result<ParentAndName> new_name_at(int directory_fd, UserAddress path) {
    ParentAndName result = TRY(parent_at(directory_fd, path));
    if (result.kind != ParentAndName::Kind::kName) return Errno{EEXIST};
    if (!result.trailing_slash) return result;
    return lookup_entry(result.directory, result.name()).ok() ? Errno{EEXIST} : Errno{ENOENT};
}

Result<bool> is_empty_path(UserAddress path) { return TRY(UserIn<char>(path).read()) == '\0'; }

Result<Ref<File>> opened_file(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    return file->path_only() ? Result<Ref<File>>(Errno{EBADF}) : move(file);
}

namespace {

// Checks what holds for an inode that was there before.
Result<void> check_open(const Inode& inode, u32 flags) {
    bool path_only = (flags & O_PATH) != 0;
    bool writes = (flags & O_ACCMODE) != O_RDONLY && !path_only;
    if ((flags & O_DIRECTORY) != 0 && !inode.is_directory()) return Errno{ENOTDIR};
    if (inode.is_symlink() && !path_only) return Errno{ELOOP};
    if (inode.is_directory() && (writes || (flags & (O_CREAT | O_TRUNC)) != 0)) {
        return Errno{EISDIR};
    }
    return path_only ? Result<void>() : check_access(inode, writes ? W_OK : 0);
}

Result<Ref<File>> open_existing(Inode& inode, u32 flags) {
    TRY(check_open(inode, flags));
    if ((flags & O_TRUNC) != 0 && inode.is_regular()) {
        MutexGuard guard(inode.lock);
        TRY(truncate_locked(inode, 0));
    }
    return inode.open(flags);
}

// The last component, found or made. `parent` is where it is.
Result<FoundOrMade> open_last(const ParentAndName& parent, u32 flags, u32 mode) {
    if (parent.kind != ParentAndName::Kind::kName || parent.trailing_slash) {
        return (flags & O_EXCL) != 0 && !parent.trailing_slash ? Errno{EEXIST} : Errno{EISDIR};
    }
    NewInode attributes = new_attributes(*parent.directory, S_IFREG | (mode & 07777));
    FoundOrMade last = TRY(find_or_make_file(*parent.directory, parent.name(), attributes));
    if (!last.made && (flags & O_EXCL) != 0) return Errno{EEXIST};
    last.inode = cross_mounts(move(last.inode));
    return last;
}

// A symbolic link at the end may lead to a file that is still to be made: the walk goes on there.
Result<Ref<File>> open_or_create(PathWalk& walk, u32 flags, u32 mode) {
    for (;;) {
        ParentAndName parent = TRY(walk.to_last());
        FoundOrMade last = TRY(open_last(parent, flags, mode));
        if (last.made) return last.inode->open(flags);
        if (!last.inode->is_symlink() || (flags & O_NOFOLLOW) != 0) {
            return open_existing(*last.inode, flags);
        }
        if (TRY(walk.follow(last.inode))) return open_existing(*walk.at(), flags);
    }
}

}  // namespace

Result<Ref<File>> open_path(Ref<Inode> start, StringView path, u32 flags, u32 mode) {
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        return (flags & O_ACCMODE) == O_RDONLY ? Errno{EINVAL} : Errno{EOPNOTSUPP};
    }
    if ((flags & O_PATH) != 0) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if ((flags & O_CREAT) != 0) {
        if ((flags & O_DIRECTORY) != 0) return Errno{EINVAL};
        PathWalk walk(move(start), path);
        TRY(walk.begin());
        return open_or_create(walk, flags, mode);
    }
    FollowLast follow = (flags & O_NOFOLLOW) != 0 ? FollowLast::kNo : FollowLast::kYes;
    return open_existing(*TRY(lookup_path(move(start), path, follow)), flags);
}

static Result<int> sys_openat(int directory_fd, UserAddress path, u32 flags, u32 mode) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    // Files are always "large" on a 64-bit machine, and F_GETFL says so.
    flags |= O_LARGEFILE;
    Ref<File> file = TRY(open_path(argument.start, argument.path.view(), flags, mode));
    return current_process().files->install(move(file), close_on_exec(flags));
}
SYSCALL(openat);

static Result<void> sys_mknodat(int directory_fd, UserAddress path, u32 mode, u64 device) {
    u32 type = (mode & S_IFMT) == 0 ? S_IFREG : mode & S_IFMT;
    bool is_device = type == S_IFCHR || type == S_IFBLK;
    if (type == S_IFDIR) return Errno{EPERM};
    if (!is_device && type != S_IFREG && type != S_IFIFO && type != S_IFSOCK) return Errno{EINVAL};
    ParentAndName parent = TRY(new_name_at(directory_fd, path));
    NewInode attributes =
        new_attributes(*parent.directory, type | (mode & 07777), is_device ? device : 0);
    TRY(make_file(*parent.directory, parent.name(), attributes));
    return {};
}
SYSCALL(mknodat);
