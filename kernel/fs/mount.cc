// The mount table. See mount.h; the system calls are in sys_mount.cc.
#include "fs/mount.h"

#include "io/path.h"

namespace {

struct Mount {
    ListNode node;
    Ref<FileSystem> fs;
    char source[64] = {};
    bool detached = false;  // out of the tree, but still in use
};

constinit Mutex table_lock{LockRank::kMountTable, "mount table"};
constinit List<Mount, &Mount::node> mounts GUARDED_BY(table_lock);

constinit SpinLock types_lock{LockRank::kFileSystems, "file system types"};
constinit List<FileSystemType, &FileSystemType::node> types GUARDED_BY(types_lock);

Result<Owned<Mount>> new_mount(Ref<FileSystem> fs, StringView source) {
    Owned<Mount> mount = TRY(make<Mount>());
    mount->fs = move(fs);
    memcpy(mount->source, source.data(), min(source.size(), sizeof mount->source - 1));
    return mount;
}

Mount* find_mount(const FileSystem& fs) REQUIRES(table_lock) {
    for (Mount& mount : mounts) {
        if (mount.fs.get() == &fs && !mount.detached) return &mount;
    }
    return nullptr;
}

// Whether only the mount itself uses it: one inode, the root, with one reference.
bool is_idle(FileSystem& fs) {
    Ref<Inode> root = fs.root();
    return fs.inodes.active() == 1 && root->reference_count() == 2;
}

// Takes the file system out of the tree, if nobody is inside or that does not matter. Lookups that
// are on their way in take the same lock.
Result<Ref<Inode>> uncover(FileSystem& fs, Busy busy) {
    SpinGuard guard(mounts_lock);
    if (busy == Busy::kRefuse && !is_idle(fs)) return Errno{EBUSY};
    fs.covered->mounted.store(nullptr);
    return move(fs.covered);
}

void end(Mount& mount) REQUIRES(table_lock) {
    mounts.remove(mount);
    mount.fs->unmount();
    delete &mount;
}

// Ends detached mounts that nobody uses any more.
void end_detached() REQUIRES(table_lock) {
    for (Mount& mount : mounts) {
        if (mount.detached && is_idle(*mount.fs)) {
            (void) mount.fs->sync();
            end(mount);
        }
    }
}

}  // namespace

void register_file_system_type(FileSystemType& type) {
    SpinGuard guard(types_lock);
    types.push_back(type);
}

FileSystemType* next_file_system_type(FileSystemType* previous) {
    SpinGuard guard(types_lock);
    return previous == nullptr ? types.front() : types.next(*previous);
}

Result<void> mount_on(Ref<Inode> directory, Ref<FileSystem> fs, StringView source) {
    if (!directory->is_directory()) return Errno{ENOTDIR};
    MutexGuard guard(table_lock);
    end_detached();
    // Twice the same thing in one place is a mistake.
    FileSystem& below = directory->fs;
    if (directory == below.root() && StringView(below.type()) == fs->type() && below.covered) {
        return Errno{EBUSY};
    }
    Owned<Mount> mount = TRY(new_mount(fs, source));
    mounts.push_back(*mount.release());
    SpinGuard mounts_guard(mounts_lock);
    directory->mounted.store(fs.get());
    fs->covered = move(directory);
    return {};
}

Result<void> mount_root(Ref<FileSystem> fs, StringView source) {
    MutexGuard guard(table_lock);
    Owned<Mount> mount = TRY(new_mount(fs, source));
    mounts.push_back(*mount.release());
    set_global_root(fs->root());
    return {};
}

Result<void> unmount(Ref<Inode> root, Busy busy) {
    FileSystem& fs = root->fs;
    MutexGuard guard(table_lock);
    end_detached();
    Mount* mount = find_mount(fs);
    if (mount == nullptr || root != fs.root()) return Errno{EINVAL};
    if (!fs.covered) return Errno{EBUSY};
    TRY(fs.sync());
    root = nullptr;
    TRY(uncover(fs, busy));
    if (is_idle(fs)) {
        end(*mount);
    } else {
        mount->detached = true;
    }
    return {};
}

bool is_mounted(StringView source) {
    MutexGuard guard(table_lock);
    end_detached();
    for (Mount& mount : mounts) {
        if (source == mount.source) return true;
    }
    return false;
}

bool mount_entry(usize index, MountEntry& entry) {
    MutexGuard guard(table_lock);
    for (Mount& mount : mounts) {
        if (mount.detached) continue;
        if (index-- == 0) {
            entry.fs = mount.fs;
            memcpy(entry.source, mount.source, sizeof entry.source);
            return true;
        }
    }
    return false;
}

void finish_file_systems() {
    (void) sync_all_file_systems();
    MutexGuard guard(table_lock);
    for (Mount& mount : mounts) {
        if (mount.fs->inodes.resting() == Resting::kOnDisk) (void) mount.fs->remount(true);
    }
}
