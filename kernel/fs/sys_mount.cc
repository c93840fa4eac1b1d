// System calls mount and umount2. Reference: mount(2), umount(2).
#include "abi/mount.h"
#include "base/format.h"
#include "block/block_device.h"
#include "fs/block_file.h"
#include "fs/mount.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

constexpr u64 kUnsupported = MS_BIND | MS_MOVE;

FileSystemType* find_type(StringView name) {
    FileSystemType* type = next_file_system_type(nullptr);
    while (type != nullptr && !(name == type->name)) type = next_file_system_type(type);
    return type;
}

// The name of the disk that the path of a block device leads to.
Result<StringView> device_name(UserAddress source) {
    PathArgument argument;
    TRY(argument.read(AT_FDCWD, source));
    Ref<Inode> inode = TRY(argument.lookup(0));
    if (inode->type() != S_IFBLK) return Errno{ENOTBLK};
    BlockDevice* device = block_device_by_number(inode->device);
    return device == nullptr ? Result<StringView>(Errno{ENXIO}) : StringView(device->name());
}

Result<i64> remount(const Ref<Inode>& root, u64 flags) {
    if (root != root->fs.root()) return Errno{EINVAL};
    bool read_only = (flags & MS_RDONLY) != 0;
    if (read_only != root->fs.read_only()) TRY(root->fs.remount(read_only));
    return 0;
}

}  // namespace

static Result<i64> sys_mount(UserAddress source, UserAddress target, UserAddress type, u64 flags,
                             UserAddress) {
    PathArgument target_path;
    TRY(target_path.read(AT_FDCWD, target));
    Ref<Inode> directory = TRY(target_path.lookup(0));
    if ((flags & MS_REMOUNT) != 0) return remount(directory, flags);
    if ((flags & kUnsupported) != 0) return Errno{EINVAL};
    char type_name[32];
    usize length = TRY(read_user_string(type, Span<char>(type_name), EINVAL));
    FileSystemType* found = find_type({type_name, length});
    if (found == nullptr) return Errno{ENODEV};
    bool read_only = (flags & MS_RDONLY) != 0;
    if (found->needs_device) {
        StringView name = TRY(device_name(source));
        char shown[16];
        format_into(shown, sizeof shown, "/dev/%.*s", static_cast<int>(name.size()), name.data());
        if (is_mounted(shown)) return Errno{EBUSY};
        Ref<FileSystem> fs = TRY(found->open(name, read_only));
        TRY(mount_on(move(directory), move(fs), shown));
        return 0;
    }
    UserPath shown;
    TRY(source.value == 0 ? Result<void>() : shown.read(source));
    Ref<FileSystem> fs = TRY(found->open(shown.view(), read_only));
    TRY(mount_on(move(directory), move(fs), shown.view().empty() ? "none" : shown.view()));
    return 0;
}
SYSCALL(mount);

static Result<i64> sys_umount2(UserAddress target, int flags) {
    if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0) {
        return Errno{EINVAL};
    }
    Ref<Inode> root;
    {
        PathArgument argument;
        TRY(argument.read(AT_FDCWD, target));
        root = TRY(argument.lookup((flags & UMOUNT_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0));
    }
    TRY(unmount(move(root), (flags & MNT_DETACH) != 0 ? Busy::kDetach : Busy::kRefuse));
    return 0;
}
SYSCALL(umount2);
