// Opening files by path. See open.h. Reference: open(2).
#include "io/open.h"

#include "io/inode_file.h"
#include "io/names.h"
#include "io/process_files.h"

Result<void> PathArgument::read(int directory_fd, UserAddress path, int flags) {
    TRY(path_.read(path));
    StringView text = path_.view();
    if (text.empty() && (flags & AT_EMPTY_PATH) == 0) return Errno{ENOENT};
    if (text.starts_with("/")) {
        return {};  // from the root, whatever the descriptor
    }
    if (directory_fd == AT_FDCWD) {
        start_ = current_directory();
        return {};
    }
    Ref<File> file = TRY(current_process().files->get(directory_fd));
    start_ = Ref<Inode>::share(file->inode());
    if (!start_) return text.empty() ? Errno{EBADF} : Errno{ENOTDIR};
    return {};
}

Result<Ref<Inode>> PathArgument::lookup(int flags) {
    if (path().empty()) return start_;
    bool follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    return lookup_path(start_, path(), follow ? FollowLast::kYes : FollowLast::kNo);
}

Result<void> PathArgument::lookup_parent(ParentAndName& result) {
    return ::lookup_parent(start_, path(), result);
}

Result<void> PathArgument::lookup_new_name(ParentAndName& result) {
    TRY(lookup_parent(result));
    if (result.kind != ParentAndName::Kind::kName) return Errno{EEXIST};
    if (!result.trailing_slash) return {};
    return lookup_entry(result.directory, result.name()).ok() ? Errno{EEXIST} : Errno{ENOENT};
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

struct LinkText {
    char text[PATH_MAX];
};

// Where a symbolic link leads for open(O_CREAT), which may have to make the target: either an
// inode at once, or a path to start again with.
struct NextHop {
    Ref<Inode> inode;
    Owned<LinkText> link;
    usize length = 0;
};
Result<NextHop> follow_link(Inode& link) {
    NextHop hop;
    hop.inode = TRY(link.jump_target());
    if (!hop.inode) {
        hop.link = TRY(make<LinkText>());
        hop.length = TRY(link.read_link(Span<char>(hop.link->text)));
    }
    return hop;
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

Result<Ref<File>> open_or_create(Ref<Inode> start, StringView path, u32 flags, u32 mode) {
    NextHop hop;
    for (unsigned links = 0; links <= SYMLOOP_MAX; links++) {
        ParentAndName parent;
        TRY(lookup_parent(start, path, parent));
        FoundOrMade last = TRY(open_last(parent, flags, mode));
        if (last.made) return last.inode->open(flags);
        if (!last.inode->is_symlink() || (flags & O_NOFOLLOW) != 0) {
            return open_existing(*last.inode, flags);
        }
        hop = TRY(follow_link(*last.inode));
        if (hop.inode) return open_existing(*hop.inode, flags);
        path = {hop.link->text, hop.length};
        start = move(parent.directory);
    }
    return Errno{ELOOP};
}

}  // namespace

Result<Ref<File>> open_path(Ref<Inode> start, StringView path, u32 flags, u32 mode) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return Errno{EOPNOTSUPP};
    if ((flags & O_PATH) != 0) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if ((flags & O_CREAT) != 0) {
        if ((flags & O_DIRECTORY) != 0) return Errno{EINVAL};
        return open_or_create(move(start), path, flags, mode);
    }
    FollowLast follow = (flags & O_NOFOLLOW) != 0 ? FollowLast::kNo : FollowLast::kYes;
    Ref<Inode> inode = TRY(lookup_path(move(start), path, follow));
    return open_existing(*inode, flags);
}
