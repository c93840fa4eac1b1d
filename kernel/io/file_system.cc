// What all file systems share: the list of them all, and for each the inodes that are in memory. See
// file_system.h.
#include "io/file_system.h"

namespace {

constinit SpinLock all_lock{LockRank::kFileSystems, "file systems"};
// In the order of device numbers.
constinit List<FileSystem, &FileSystem::all_node> all_file_systems GUARDED_BY(all_lock);
constinit u32 next_device GUARDED_BY(all_lock) = 1;

}  // namespace

FileSystem::FileSystem(const char* type, Resting resting) : inodes(resting), type_(type) {}

FileSystem::~FileSystem() {
    SpinGuard guard(all_lock);
    if (all_node.linked()) all_node.unlink();
}

void FileSystem::make_known() {
    SpinGuard guard(all_lock);
    device_ = ABI_MAKEDEV(0, next_device);
    next_device++;
    all_file_systems.push_back(*this);
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
    for (FileSystem& fs : all_file_systems) {
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

// The inodes of one file system in memory.

// Outside of all locks: freeing an inode's blocks may wait for the disk.
static void destroy_inode(Inode& inode) {
    inode.pages.drop_all();
    if (inode.nlink.load() == 0) inode.fs.free_inode(inode);
#ifndef __clang_analyzer__  // which takes each release() for the last
    delete &inode;
#endif
}

void InodeCache::clear() {
    for (Bucket& bucket : buckets_) {
        while (Inode* inode = bucket.front()) {
            remove_locked(*inode);
            inode->pages.drop_all();
            delete inode;
        }
    }
}

void InodeCache::remove_locked(Inode& inode) {
    if (inode.unused_node_.linked()) inode.unused_node_.unlink();
    if (inode.hash_node_.linked()) inode.hash_node_.unlink();
}

Ref<Inode> InodeCache::find_locked(u64 ino) {
    for (Inode& inode : bucket(ino))
        if (inode.ino == ino) return take_locked(inode);
    return nullptr;
}

Ref<Inode> InodeCache::take_locked(Inode& inode) {
    if (inode.unused_node_.linked()) inode.unused_node_.unlink();
    return Ref<Inode>(inode);
}

Ref<Inode> InodeCache::find(u64 ino) {
    SpinGuard guard(lock_);
    return find_locked(ino);
}

Ref<Inode> InodeCache::insert(Owned<Inode> inode) {
    SpinGuard guard(lock_);
    Ref<Inode> existing = find_locked(inode->ino);
    if (existing) {
        return existing;  // `inode` dies when the guard is gone: parameters outlive locals
    }
    bucket(inode->ino).push_front(*inode);
    return Ref<Inode>::adopt(inode.release());
}

// A removed directory holds its parent, which may have been removed too, and so on: trees can be
// deep, so the way up is a loop and not a recursion.
void InodeCache::drop(Inode& first) {
    Inode* inode = &first;
    while (inode != nullptr && drop_one(*inode)) {
        Inode* parent = inode->removed_from.leak();
        destroy_inode(*inode);
        active_.fetch_sub(1);  // only now: an unmount would destroy the file system meanwhile
        inode = parent;
    }
}

// Whether that was the last reference, and nothing keeps the inode.
bool InodeCache::drop_one(Inode& inode) {
    SpinGuard guard(lock_);
    if (inode.references_.fetch_sub(1) != 1) return false;
    // Links first: while it had one, a directory in memory may have taken it up again and removed it.
    bool unlinked = inode.nlink.load() == 0 && inode.references_.load() == 0;
    if (!unlinked && resting_ != Resting::kNowhere) {
        active_.fetch_sub(1);
        if (resting_ == Resting::kOnDisk) unused_.push_back(inode);
        return false;
    }
    remove_locked(inode);
    wait_until(written_changed_, lock_, [&]() REQUIRES(lock_) { return written_ != &inode; });
    return true;
}

// An inode of this bucket with dirty pages that this pass has not had yet. No reference to it: whoever
// removes a file or unmounts finds it unused.
Inode* InodeCache::next_dirty(usize bucket, u64 pass) {
    SpinGuard guard(lock_);
    written_ = nullptr;
    for (Inode& inode : buckets_[bucket]) {
        if (inode.sync_pass_ == pass || !inode.pages.has_dirty()) continue;
        inode.sync_pass_ = pass;
        written_ = &inode;
        break;
    }
    written_changed_.wake_all();
    return written_;
}

Result<void> InodeCache::write_back_all() {
    MutexGuard guard(sync_lock_);
    u64 pass = ++sync_passes_;
    Result<void> result;
    for (usize bucket = 0; bucket < kBuckets; bucket++) {
        while (Inode* inode = next_dirty(bucket, pass)) {
            Result<void> written = inode->pages.write_back();
            if (!written.ok() && result.ok()) result = written;
        }
    }
    return result;
}

Inode* InodeCache::take_resting() {
    SpinGuard guard(lock_);
    for (Inode& inode : unused_) {
        if (!inode.pages.has_dirty() && &inode != written_) {
            remove_locked(inode);
            return &inode;
        }
    }
    return nullptr;
}

usize InodeCache::shrink(usize count) {
    for (usize done = 0; done < count; done++) {
        Inode* inode = take_resting();
        if (inode == nullptr) return done;
        destroy_inode(*inode);
    }
    return count;
}
