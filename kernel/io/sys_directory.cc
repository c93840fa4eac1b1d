// System calls on names and directories. Reference: mkdir(2), unlink(2), link(2), symlink(2),
// rename(2), getdents(2), getcwd(2), chdir(2), readlink(2).
#include "io/names.h"
#include "io/open.h"
#include "io/process_files.h"
#include "process/syscall.h"

using Kind = ParentAndName::Kind;

static Result<i64> sys_mkdirat(int directory_fd, UserAddress path, u32 mode) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    ParentAndName parent;
    TRY(argument.lookup_parent(parent));
    if (parent.kind != Kind::kName) return Errno{EEXIST};
    NewInode attributes = new_attributes(*parent.directory, S_IFDIR | (mode & 01777));
    TRY(make_directory(*parent.directory, parent.name(), attributes));
    return 0;
}
SYSCALL(mkdirat);

static Result<i64> remove_name(const ParentAndName& parent) {
    if (parent.kind != Kind::kName) return Errno{EISDIR};
    if (parent.trailing_slash) {
        // Only a directory could be meant, and unlink does not take those.
        Ref<Inode> inode = TRY(lookup_entry(parent.directory, parent.name()));
        return inode->is_directory() ? Errno{EISDIR} : Errno{ENOTDIR};
    }
    TRY(remove_file(*parent.directory, parent.name()));
    return 0;
}

static Result<i64> remove_directory_name(const ParentAndName& parent) {
    switch (parent.kind) {
    case Kind::kDot: return Errno{EINVAL};
    case Kind::kDotDot: return Errno{ENOTEMPTY};
    case Kind::kRoot: return Errno{EBUSY};
    case Kind::kName: break;
    }
    TRY(remove_directory(*parent.directory, parent.name()));
    return 0;
}

static Result<i64> sys_unlinkat(int directory_fd, UserAddress path, int flags) {
    if ((flags & ~AT_REMOVEDIR) != 0) return Errno{EINVAL};
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    ParentAndName parent;
    TRY(argument.lookup_parent(parent));
    return (flags & AT_REMOVEDIR) != 0 ? remove_directory_name(parent) : remove_name(parent);
}
SYSCALL(unlinkat);

static Result<i64> sys_linkat(int old_directory_fd, UserAddress old_path, int new_directory_fd,
                              UserAddress new_path, int flags) {
    if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) return Errno{EINVAL};
    PathArgument old_argument, new_argument;
    TRY(old_argument.read(old_directory_fd, old_path, flags));
    int follow = (flags & AT_SYMLINK_FOLLOW) != 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    Ref<Inode> target = TRY(old_argument.lookup(follow));
    TRY(new_argument.read(new_directory_fd, new_path));
    ParentAndName parent;
    TRY(new_argument.lookup_new_name(parent));
    TRY(make_link(*parent.directory, parent.name(), *target));
    return 0;
}
SYSCALL(linkat);

static Result<i64> sys_symlinkat(UserAddress target, int directory_fd, UserAddress path) {
    UserPath text;
    TRY(text.read(target));
    if (text.view().empty()) return Errno{ENOENT};
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    ParentAndName parent;
    TRY(argument.lookup_new_name(parent));
    TRY(make_symlink(*parent.directory, parent.name(), text.view()));
    return 0;
}
SYSCALL(symlinkat);

static Result<i64> sys_renameat2(int old_directory_fd, UserAddress old_path, int new_directory_fd,
                                 UserAddress new_path, u32 flags) {
    PathArgument old_argument, new_argument;
    TRY(old_argument.read(old_directory_fd, old_path));
    TRY(new_argument.read(new_directory_fd, new_path));
    ParentAndName from, to;
    TRY(old_argument.lookup_parent(from));
    TRY(new_argument.lookup_parent(to));
    TRY(rename_entry(from, to, flags));
    return 0;
}
SYSCALL(renameat2);

static Result<i64> sys_readlinkat(int directory_fd, UserAddress path, UserAddress to, int size) {
    if (size <= 0) return Errno{EINVAL};
    PathArgument argument;
    TRY(argument.read(directory_fd, path, AT_EMPTY_PATH));
    Ref<Inode> inode = TRY(argument.lookup(AT_SYMLINK_NOFOLLOW));
    if (!inode->is_symlink()) return argument.path().empty() ? Errno{ENOENT} : Errno{EINVAL};
    struct Text {
        char bytes[PATH_MAX];
    };
    Owned<Text> text = TRY(make<Text>());
    usize length = TRY(inode->read_link(Span<char>(text->bytes)));
    length = min(length, static_cast<usize>(size));
    TRY(UserSpan(to, length).copy_out(0, text->bytes, length));
    return static_cast<i64>(length);
}
SYSCALL(readlinkat);

static Result<i64> sys_getdents64(int fd, UserAddress to, u32 size) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->path_only()) return Errno{EBADF};
    return static_cast<i64>(TRY(file->read_directory(UserSpan(to, size))));
}
SYSCALL(getdents64);

static Result<i64> sys_getcwd(UserAddress to, u64 size) {
    struct Text {
        char bytes[PATH_MAX];
    };
    Owned<Text> text = TRY(make<Text>());
    usize length = TRY(path_of_directory(current_directory(), Span<char>(text->bytes)));
    if (length > size) return Errno{ERANGE};
    TRY(UserSpan(to, length).copy_out(0, text->bytes, length));
    return static_cast<i64>(length);
}
SYSCALL(getcwd);

static Result<i64> change_directory(Ref<Inode> directory) {
    if (!directory->is_directory()) return Errno{ENOTDIR};
    process_files(current_process())->set_working_directory(move(directory));
    return 0;
}

static Result<i64> sys_chdir(UserAddress path) {
    PathArgument argument;
    TRY(argument.read(AT_FDCWD, path));
    return change_directory(TRY(argument.lookup(0)));
}
SYSCALL(chdir);

static Result<i64> sys_fchdir(int fd) {
    Ref<File> file = TRY(current_process().files->get(fd));
    if (file->inode() == nullptr) return Errno{ENOTDIR};
    return change_directory(Ref<Inode>(*file->inode()));
}
SYSCALL(fchdir);

static Result<i64> sys_chroot(UserAddress path) {
    PathArgument argument;
    TRY(argument.read(AT_FDCWD, path));
    Ref<Inode> directory = TRY(argument.lookup(0));
    if (!directory->is_directory()) return Errno{ENOTDIR};
    process_files(current_process())->set_root(move(directory));
    return 0;
}
SYSCALL(chroot);
