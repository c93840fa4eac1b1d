// The inodes of one file system that are in memory, by number: so that one inode is in memory only
// once, and stays there for a while after its last user.
// Its spinlock decides the race between "the last user goes" and "somebody looks it up again".
//
// An inode with no references is resting. Only two may take it up again: find(), and a file system
// in memory (ramfs) that has it in a directory whose lock is held.
#pragma once
#include "base/annotations.h"
#include "base/list.h"
#include "base/owned.h"
#include "cpu/spinlock.h"
#include "io/inode.h"

// Where an inode's contents are while nobody uses it.
enum class Resting : u8 {
    kNowhere,   // made when asked for: destroyed after the last user (procfs)
    kInMemory,  // the inode is the file: kept as long as it has a link (ramfs)
    kOnDisk,    // kept, but dropped when memory is short and its pages are clean (ext2)
};

class InodeCache : Immovable {
  public:
    explicit InodeCache(Resting resting) : resting_(resting) {}
    ~InodeCache() { clear(); }
    // Destroys all inodes: nobody uses any of them. For the destructor of a file system whose inodes
    // refer to it.
    void clear() NO_THREAD_SAFETY_ANALYSIS;

    Resting resting() const { return resting_; }

    // The inode of this number if it is in memory; null otherwise.
    Ref<Inode> find(u64 ino);
    // Adds an inode just made (or just read from the disk). If another thread was faster, returns
    // that thread's and destroys the new one.
    Ref<Inode> insert(Owned<Inode> inode);
    // Inode::release()'s slow path: one reference less, which may be the last.
    void drop(Inode& inode);

    // Inodes in use. A file system that only its mount uses has one: the root.
    u32 active() const { return active_.load(); }
    // Writes back the dirty pages of all files; the first error, after trying all.
    Result<void> write_back_all();
    // Drops up to `count` resting inodes whose pages are clean; returns how many. Does not sleep.
    usize shrink(usize count);

  private:
    friend class Inode;
    static constexpr usize kBuckets = 256;
    using Bucket = List<Inode, &Inode::hash_node_>;

    Bucket& bucket(u64 ino) { return buckets_[ino % kBuckets]; }
    bool drop_one(Inode& inode);
    Ref<Inode> next_dirty(usize bucket, u64 pass);
    Inode* take_resting();
    Ref<Inode> find_locked(u64 ino) REQUIRES(lock_);
    Ref<Inode> take_locked(Inode& inode) REQUIRES(lock_);
    void remove_locked(Inode& inode) REQUIRES(lock_);

    SpinLock lock_{LockRank::kInodeCache, "inode cache"};
    Bucket buckets_[kBuckets] GUARDED_BY(lock_);
    List<Inode, &Inode::unused_node_> unused_ GUARDED_BY(lock_);  // oldest first
    Atomic<u64> sync_passes_{0};
    Atomic<u32> active_{0};
    const Resting resting_;
};
