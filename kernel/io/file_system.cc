// What all file systems share, and the list of them all. See file_system.h.
#include "io/file_system.h"

namespace {

constinit SpinLock all_lock{LockRank::kFileSystems, "file systems"};
constinit Atomic<u32> next_device{1};

}  // namespace

// The list, in the order of device numbers; guarded by all_lock.
class FileSystems {
  public:
    static List<FileSystem, &FileSystem::all_node_> list;
};
constinit List<FileSystem, &FileSystem::all_node_> FileSystems::list;

FileSystem::FileSystem(const char* type, Resting resting) : inodes(resting), type_(type) {
    SpinGuard guard(all_lock);
    device_ = ABI_MAKEDEV(0, next_device.fetch_add(1));
    FileSystems::list.push_back(*this);
}

FileSystem::~FileSystem() {
    SpinGuard guard(all_lock);
    all_node_.unlink();
}

Result<void> FileSystem::sync() { return inodes.write_back_all(); }

Result<void> FileSystem::remount(bool read_only) {
    read_only_.store(read_only);
    return {};
}

Result<void> FileSystem::rename(const Rename&) { return Errno{EPERM}; }
void FileSystem::free_inode(Inode&) {}

Ref<FileSystem> next_file_system(u64 device) {
    SpinGuard guard(all_lock);
    for (FileSystem& fs : FileSystems::list) {
        // One whose last reference has gone is about to leave the list.
        if (fs.device() > device && fs.try_retain()) return Ref<FileSystem>::adopt(&fs);
    }
    return nullptr;
}

Result<void> sync_all_file_systems() {
    Result<void> result;
    u64 device = 0;
    while (Ref<FileSystem> fs = next_file_system(device)) {
        device = fs->device();
        Result<void> synced = fs->sync();
        if (!synced.ok() && result.ok()) result = synced;
    }
    return result;
}
