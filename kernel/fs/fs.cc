// How floor fs takes part in booting: the kinds of file systems there are; and it mounts the root that
// the kernel command line names (root=/dev/vda, or initramfs), and /dev and /proc in it.
#include "cpu/console.h"
#include "cpu/init.h"
#include "cpu/machine.h"
#include "fs/devfs.h"
#include "fs/ext2/ext2.h"
#include "fs/mount.h"
#include "fs/proc.h"
#include "io/path.h"
#include "io/ramfs.h"
#include "process/process.h"

namespace {

Result<Ref<FileSystem>> open_ext2_on(StringView source, bool read_only) {
    BlockDevice* device = find_block_device(source);
    if (device == nullptr) return Errno{ENXIO};
    return open_ext2(*device, read_only);
}

Result<Ref<FileSystem>> open_tmpfs(StringView, bool) {
    return create_ramfs("tmpfs", memory_stats().total / 2);
}

constexpr FileSystemType kTypes[] = {
    {"ext2", true, open_ext2_on},
    {"tmpfs", false, open_tmpfs},
    {"ramfs", false, open_tmpfs},
    {"devtmpfs", false, [](StringView, bool) { return create_devfs(); }},
    {"proc", false, [](StringView, bool) { return create_procfs(); }},
};

// Mounts a file system on a directory, if there is that, or as the root. A root file system that
// cannot be mounted leaves the in-memory one: a program in it may be able to repair the disk.
void mount_at_boot(StringView path, StringView type, StringView source) {
    Ref<Inode> directory;
    if (!(path == "/")) {
        Result<Ref<Inode>> found = lookup_path(global_root(), path, FollowLast::kYes);
        if (!found.ok()) return;
        directory = move(*found);
    }
    bool read_only = boot_option("rootflags") == StringView("ro");
    Result<void> done = mount(directory, *find_file_system_type(type), source, read_only);
    if (done.ok()) return;
    kprintf("fs: %.*s cannot be mounted on %.*s: error %d\n", static_cast<int>(source.size()),
            source.data(), static_cast<int>(path.size()), path.data(), done.error().number);
}

void start_fs() {
    StringView root = boot_option("root", "initramfs");
    if (root == StringView("initramfs")) {
        (void) mount_on(nullptr, Ref<FileSystem>(global_root()->fs), "rootfs");
    } else {
        mount_at_boot("/", "ext2", root);
    }
    mount_at_boot("/dev", "devtmpfs", "devtmpfs");
    mount_at_boot("/proc", "proc", "proc");
    process_hooks.before_power_off = finish_file_systems;
}
INIT(Stage::kFileSystems, start_fs);

}  // namespace

Span<const FileSystemType> file_system_types() { return kTypes; }
