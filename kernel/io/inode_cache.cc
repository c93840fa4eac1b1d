// The inodes of one file system in memory. See inode_cache.h.
#include "io/inode_cache.h"

#include "io/file_system.h"

namespace {

// Outside of all locks: freeing an inode's blocks may wait for the disk.
void destroy(Inode& inode) {
    inode.pages.drop_all();
    if (inode.nlink.load() == 0) inode.fs.free_inode(inode);
    delete &inode;
}

}  // namespace

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
        destroy(*inode);
        inode = parent;
    }
}

// Whether that was the last reference, and nothing keeps the inode.
bool InodeCache::drop_one(Inode& inode) {
    SpinGuard guard(lock_);
    // Read before the count falls: with a link left, somebody may look it up at once.
    bool unlinked = inode.nlink.load() == 0;
    if (inode.references_.fetch_sub(1) != 1) return false;
    active_.fetch_sub(1);
    if (!unlinked && resting_ != Resting::kNowhere) {
        if (resting_ == Resting::kOnDisk) unused_.push_back(inode);
        return false;
    }
    remove_locked(inode);
    return true;
}

// An inode of this bucket with dirty pages that this pass has not had yet.
Ref<Inode> InodeCache::next_dirty(usize bucket, u64 pass) {
    SpinGuard guard(lock_);
    for (Inode& inode : buckets_[bucket]) {
        if (inode.sync_pass_ != pass && inode.pages.has_dirty()) {
            inode.sync_pass_ = pass;
            return take_locked(inode);
        }
    }
    return nullptr;
}

Result<void> InodeCache::write_back_all() {
    u64 pass = sync_passes_.fetch_add(1) + 1;
    Result<void> result;
    for (usize bucket = 0; bucket < kBuckets; bucket++) {
        while (Ref<Inode> inode = next_dirty(bucket, pass)) {
            Result<void> written = inode->pages.write_back();
            if (!written.ok() && result.ok()) result = written;
        }
    }
    return result;
}

Inode* InodeCache::take_resting() {
    SpinGuard guard(lock_);
    for (Inode& inode : unused_) {
        if (!inode.pages.has_dirty()) {
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
        destroy(*inode);
    }
    return count;
}
