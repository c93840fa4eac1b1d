// System calls on names and directories. Reference: mkdir(2), unlink(2), link(2), symlink(2),
// rename(2), getdents(2), getcwd(2), chdir(2), readlink(2).
#include "io/names.h"
#include "io/open.h"
#include "io/process_files.h"
#include "process/syscall.h"

using Kind = ParentAndName::Kind;

static Result<void> sys_mkdirat(int directory_fd, UserAddress path, u32 mode) {
    ParentAndName parent = TRY(parent_at(directory_fd, path));
    if (parent.kind != Kind::kName) return Errno{EEXIST};
    NewInode attributes = new_attributes(*parent.directory, S_IFDIR | (mode & 01777));
    TRY(make_directory(*parent.directory, parent.name(), attributes));
    return {};
}
SYSCALL(mkdirat);

static Result<void> remove_name(const ParentAndName& parent) {
    if (parent.kind != Kind::kName) return Errno{EISDIR};
    if (parent.trailing_slash) {
        // Only a directory could be meant, and unlink does not take those.
        Ref<Inode> inode = TRY(lookup_entry(parent.directory, parent.name()));
        return inode->is_directory() ? Errno{EISDIR} : Errno{ENOTDIR};
    }
    return remove_file(*parent.directory, parent.name());
}

static Result<void> remove_directory_name(const ParentAndName& parent) {
    switch (parent.kind) {
    case Kind::kDot: return Errno{EINVAL};
    case Kind::kDotDot: return Errno{ENOTEMPTY};
    case Kind::kRoot: return Errno{EBUSY};
    case Kind::kName: break;
    }
    return remove_directory(*parent.directory, parent.name());
}

static Result<void> sys_unlinkat(int directory_fd, UserAddress path, int flags) {
    if ((flags & ~AT_REMOVEDIR) != 0) return Errno{EINVAL};
    ParentAndName parent = TRY(parent_at(directory_fd, path));
    return (flags & AT_REMOVEDIR) != 0 ? remove_directory_name(parent) : remove_name(parent);
}
SYSCALL(unlinkat);

static Result<void> sys_linkat(int old_directory_fd, UserAddress old_path, int new_directory_fd,
                               UserAddress new_path, int flags) {
    if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    int follow = (flags & AT_SYMLINK_FOLLOW) != 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    Ref<Inode> target = TRY(inode_at(old_directory_fd, old_path, (flags & AT_EMPTY_PATH) | follow));
    ParentAndName parent = TRY(new_name_at(new_directory_fd, new_path));
    return make_link(*parent.directory, parent.name(), *target);
}
SYSCALL(linkat);

static Result<void> sys_symlinkat(UserAddress target, int directory_fd, UserAddress path) {
    UserPath text;
    TRY(text.read(target));
    if (text.view().empty()) return Errno{ENOENT};
    ParentAndName parent = TRY(new_name_at(directory_fd, path));
    TRY(make_symlink(*parent.directory, parent.name(), text.view()));
    return {};
}
SYSCALL(symlinkat);

static Result<void> sys_renameat2(int old_directory_fd, UserAddress old_path, int new_directory_fd,
                                  UserAddress new_path, u32 flags) {
    if (flags > RENAME_EXCHANGE) return Errno{EINVAL};  // unknown, or both at once
    ParentAndName from = TRY(parent_at(old_directory_fd, old_path));
    ParentAndName to = TRY(parent_at(new_directory_fd, new_path));
    return rename_entry(from, to, flags);
}
SYSCALL(renameat2);

using PathBuffer = Array<char, PATH_MAX>;

static Result<usize> sys_readlinkat(int directory_fd, UserAddress path, UserAddress to, int size) {
    if (size <= 0) return Errno{EINVAL};
    Ref<Inode> inode = TRY(inode_at(directory_fd, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
    if (!inode->is_symlink()) return TRY(is_empty_path(path)) ? Errno{ENOENT} : Errno{EINVAL};
    Owned<PathBuffer> text = TRY(make<PathBuffer>());
    usize length = TRY(inode->read_link(Span<char>(text->items)));
    length = min(length, static_cast<usize>(size));
    TRY(UserSpan(to, length).copy_out(0, text->begin(), length));
    return length;
}
SYSCALL(readlinkat);

static Result<usize> sys_getdents64(int fd, UserAddress to, u32 size) {
    return TRY(opened_file(fd))->read_directory(UserSpan(to, size));
}
SYSCALL(getdents64);

static Result<usize> sys_getcwd(UserAddress to, u64 size) {
    Owned<PathBuffer> text = TRY(make<PathBuffer>());
    usize length = TRY(path_of_directory(current_directory(), Span<char>(text->items)));
    if (length > size) return Errno{ERANGE};
    TRY(UserSpan(to, length).copy_out(0, text->begin(), length));
    return length;
}
SYSCALL(getcwd);

static Result<void> change_directory(Ref<Inode> directory) {
    if (!directory->is_directory()) return Errno{ENOTDIR};
    process_files(current_process())->set_working_directory(move(directory));
    return {};
}

static Result<void> sys_chdir(UserAddress path) {
    return change_directory(TRY(inode_at(AT_FDCWD, path)));
}
SYSCALL(chdir);

static Result<void> sys_fchdir(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->inode() == nullptr) return Errno{ENOTDIR};
    return change_directory(Ref<Inode>(*file->inode()));
}
SYSCALL(fchdir);

static Result<void> sys_chroot(UserAddress path) {
    Ref<Inode> directory = TRY(inode_at(AT_FDCWD, path));
    if (!directory->is_directory()) return Errno{ENOTDIR};
    process_files(current_process())->set_root(move(directory));
    return {};
}
SYSCALL(chroot);
