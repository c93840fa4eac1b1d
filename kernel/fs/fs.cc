// How floor fs takes part in booting: it makes its kinds of file systems known, mounts the root that
// the kernel command line names (root=/dev/vda, or initramfs), and /dev and /proc in it.
#include "cpu/console.h"
#include "cpu/init.h"
#include "cpu/machine.h"
#include "fs/block_file.h"
#include "fs/devfs.h"
#include "fs/ext2/ext2.h"
#include "fs/mount.h"
#include "fs/procfs.h"
#include "io/path.h"
#include "io/ramfs.h"
#include "process/process.h"

namespace {

Result<Ref<FileSystem>> open_ext2_on(StringView device_name, bool read_only) {
    BlockDevice* device = find_block_device(device_name);
    if (device == nullptr) return Errno{ENXIO};
    return open_ext2(*device, read_only);
}

Result<Ref<FileSystem>> open_tmpfs(StringView, bool) {
    return create_ramfs("tmpfs", memory_stats().total / 2);
}

constinit FileSystemType builtin_types[] = {
    {"ext2", true, open_ext2_on},
    {"tmpfs", false, open_tmpfs},
    {"ramfs", false, open_tmpfs},
    {"devtmpfs", false, [](StringView, bool) { return create_devfs(); }},
    {"proc", false, [](StringView, bool) { return create_procfs(); }},
};

// The root file system stays the in-memory one if the disk cannot be mounted: a program in it may
// be able to repair the disk.
void mount_disk_root(StringView source) {
    Result<Ref<FileSystem>> fs = open_ext2_on(source, boot_option("rootflags") == StringView("ro"));
    Result<void> mounted = fs.ok() ? mount_root(*fs, source) : fs.error();
    if (!mounted.ok()) {
        kprintf("fs: root=%.*s cannot be mounted: error %d\n", static_cast<int>(source.size()),
                source.data(), mounted.error().number);
    }
}

// Only where the root has the directory for it.
void mount_in_root(StringView path, Result<Ref<FileSystem>> fs) {
    Result<Ref<Inode>> directory = lookup_path(global_root(), path, FollowLast::kYes);
    if (!directory.ok()) return;
    Result<void> mounted = fs.error();
    if (fs.ok()) mounted = mount_on(move(*directory), *fs, fs->get()->type());
    if (!mounted.ok()) {
        kprintf("fs: %.*s cannot be mounted: error %d\n", static_cast<int>(path.size()),
                path.data(), mounted.error().number);
    }
}

void start_fs() {
    for (FileSystemType& type : builtin_types) register_file_system_type(type);
    start_memory_devices();
    start_block_files();
    StringView root = boot_option("root", "initramfs");
    if (root == StringView("initramfs")) {
        (void) mount_root(Ref<FileSystem>(global_root()->fs), "rootfs");
    } else {
        mount_disk_root(root);
    }
    mount_in_root("/dev", create_devfs());
    mount_in_root("/proc", create_procfs());
    process_hooks.before_power_off = finish_file_systems;
}
INIT(Stage::kFileSystems, start_fs);

}  // namespace
