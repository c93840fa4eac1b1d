// System calls mount and umount2. Reference: mount(2), umount(2).
#include "abi/mount.h"
#include "base/format.h"
#include "fs/devfs.h"
#include "fs/mount.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

Result<i64> remount(const Ref<Inode>& root, u64 flags) {
    if (root != root->fs.root()) return Errno{EINVAL};
    bool read_only = (flags & MS_RDONLY) != 0;
    if (read_only != root->fs.read_only()) TRY(root->fs.remount(read_only));
    return 0;
}

Result<i64> mount_device(Ref<Inode> directory, const FileSystemType& type, UserAddress source,
                         bool read_only) {
    Ref<Inode> node = TRY(inode_at(AT_FDCWD, source));
    if (node->type() != S_IFBLK) return Errno{ENOTBLK};
    BlockDevice* device = block_device_by_number(node->device);
    if (device == nullptr) return Errno{ENXIO};
    char path[16];
    usize length = format_into(path, sizeof path, "/dev/%s", device->name());
    TRY(mount(move(directory), type, {path, length}, read_only));
    return 0;
}

}  // namespace

static Result<i64> sys_mount(UserAddress source, UserAddress target, UserAddress type, u64 flags,
                             UserAddress) {
    Ref<Inode> directory = TRY(inode_at(AT_FDCWD, target));
    if ((flags & MS_REMOUNT) != 0) return remount(directory, flags);
    if ((flags & (MS_BIND | MS_MOVE)) != 0) return Errno{EINVAL};
    char name[32];
    usize length = TRY(read_user_string(type, Span<char>(name), EINVAL));
    const FileSystemType* found = find_file_system_type({name, length});
    if (found == nullptr) return Errno{ENODEV};
    bool read_only = (flags & MS_RDONLY) != 0;
    if (found->needs_device) return mount_device(move(directory), *found, source, read_only);
    UserPath shown;
    if (source.value != 0) TRY(shown.read(source));
    StringView text = shown.view().empty() ? StringView("none") : shown.view();
    TRY(mount(move(directory), *found, text, read_only));
    return 0;
}
SYSCALL(mount);

static Result<i64> sys_umount2(UserAddress target, int flags) {
    if ((flags & ~(MNT_FORCE | UMOUNT_NOFOLLOW)) != 0) return Errno{EINVAL};
    int follow = (flags & UMOUNT_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0;
    TRY(unmount(TRY(inode_at(AT_FDCWD, target, follow))));
    return 0;
}
SYSCALL(umount2);
