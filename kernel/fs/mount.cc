// The mount table. See mount.h; the system calls are in sys_mount.cc.
#include "fs/mount.h"

#include "fs/proc.h"
#include "io/path.h"

namespace {

struct Mount {
    ListNode node;
    Ref<FileSystem> fs;
    char source[64] = {};
};

constinit Mutex table_lock{LockRank::kMountTable, "mount table"};
constinit List<Mount, &Mount::node> mounts GUARDED_BY(table_lock);

// Puts `fs` on the directory. That is locked, so that nobody removes it meanwhile.
Result<void> cover(const Ref<Inode>& directory, const Ref<FileSystem>& fs) REQUIRES(table_lock) {
    // Twice the same thing in one place is a mistake.
    FileSystem& below = directory->fs;
    bool same = directory == below.root() && StringView(below.type()) == fs->type();
    if (!directory->is_directory()) return Errno{ENOTDIR};
    if (same && below.covered) return Errno{EBUSY};
    MutexGuard guard(directory->lock);
    if (directory->removed_from) return Errno{ENOENT};
    SpinGuard mounts_guard(mounts_lock);
    if (directory->mounted.load() != nullptr) return Errno{EBUSY};
    directory->mounted.store(fs.get());
    fs->covered = directory;
    return {};
}

Result<void> add_mount(const Ref<Inode>& directory, const Ref<FileSystem>& fs, StringView source)
    REQUIRES(table_lock) {
    Owned<Mount> mount = TRY(make<Mount>());
    mount->fs = fs;
    memcpy(mount->source, source.data(), min(source.size(), sizeof mount->source - 1));
    if (directory) {
        TRY(cover(directory, fs));
    } else {
        set_global_root(fs->root());
    }
    mounts.push_back(*mount.release());
    return {};
}

// Takes the file system out of the tree, if only the mount itself uses it: one inode, the root, with
// one reference beside that here. Lookups that are on their way in take the same lock.
Result<Ref<Inode>> uncover(FileSystem& fs) {
    Ref<Inode> root = fs.root();
    SpinGuard guard(mounts_lock);
    if (fs.inodes.active() != 1 || root->reference_count() != 2) return Errno{EBUSY};
    fs.covered->mounted.store(nullptr);
    return move(fs.covered);
}

}  // namespace

const FileSystemType* find_file_system_type(StringView name) {
    for (const FileSystemType& type : file_system_types()) {
        if (name == type.name) return &type;
    }
    return nullptr;
}

Result<void> mount(const Ref<Inode>& directory, const FileSystemType& type, StringView source,
                   bool read_only) {
    MutexGuard guard(table_lock);
    for (Mount& mount : mounts) {
        if (type.needs_device && source == mount.source) return Errno{EBUSY};
    }
    return add_mount(directory, TRY(type.open(source, read_only)), source);
}

Result<void> mount_on(const Ref<Inode>& directory, const Ref<FileSystem>& fs, StringView source) {
    MutexGuard guard(table_lock);
    return add_mount(directory, fs, source);
}

Result<void> unmount(Ref<Inode> root) {
    Ref<FileSystem> fs(root->fs);
    MutexGuard guard(table_lock);
    Mount* found = nullptr;
    for (Mount& mount : mounts) {
        if (mount.fs == fs) found = &mount;
    }
    if (found == nullptr || root != fs->root()) return Errno{EINVAL};
    if (!fs->covered) return Errno{EBUSY};
    TRY(fs->sync());
    root = nullptr;
    TRY(uncover(*fs));
    mounts.remove(*found);
    delete found;
    return fs->sync();  // what was written between the first one and uncover()
}

// Calls `write` for each mount below this process's root, with its path and "ro" or "rw".
template <typename F> static Result<void> for_each_mount(F write) {
    auto path = TRY((make<Array<char, PATH_MAX>>()));
    MutexGuard guard(table_lock);
    for (Mount& mount : mounts) {
        if (!path_of_directory(mount.fs->root(), Span<char>(path->items)).ok()) continue;
        write(mount, path->items, mount.fs->read_only() ? "ro" : "rw");
    }
    return {};
}

Result<void> write_mounts(ProcText& text, i32) {
    return for_each_mount([&](Mount& mount, const char* path, const char* mode) {
        text.print("%s %s %s %s,noatime 0 0\n", mount.source, path, mount.fs->type(), mode);
    });
}

// A mount's number is that of its device.
Result<void> write_mount_info(ProcText& text, i32) {
    return for_each_mount([&](Mount& mount, const char* path, const char* mode) {
        FileSystem& fs = *mount.fs;
        u64 below = fs.covered ? fs.covered->fs.device() : fs.device();
        text.print("%lu %lu %u:%u / %s %s,noatime - %s %s %s\n", fs.device(), below,
                   ABI_MAJOR(fs.device()), ABI_MINOR(fs.device()), path, mode, fs.type(),
                   mount.source, mode);
    });
}

void finish_file_systems() {
    (void) sync_all_file_systems();
    MutexGuard guard(table_lock);
    for (Mount& mount : mounts) {
        if (mount.fs->inodes.resting() == Resting::kOnDisk) (void) mount.fs->remount(true);
    }
}
