// A file system: the tree of inodes behind one mount. Derived by ramfs here and by ext2, devfs and
// procfs in floor fs. The mount holds a Ref<FileSystem>; inodes refer to it without counting, and it
// is not unmounted while one of them is in use.
#pragma once
#include "abi/statfs.h"
#include "io/inode.h"

// Where an inode's contents are while nobody uses it.
enum class Resting : u8 {
    kNowhere,   // made when asked for: destroyed after the last user (procfs)
    kInMemory,  // the inode is the file: kept as long as it has a link (ramfs)
    kOnDisk,    // kept, but dropped when memory is short and its pages are clean (ext2)
};

// The inodes of one file system that are in memory, by number: so that one inode is in memory only
// once, and stays there for a while after its last user.
// Its spinlock decides the race between "the last user goes" and "somebody looks it up again".
//
// An inode with no references is resting. Only two may take it up again: find(), and a file system
// in memory (ramfs) that has it in a directory whose lock is held.
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
    Inode* next_dirty(usize bucket, u64 pass) REQUIRES(sync_lock_);
    Inode* take_resting();
    Ref<Inode> find_locked(u64 ino) REQUIRES(lock_);
    Ref<Inode> take_locked(Inode& inode) REQUIRES(lock_);
    void remove_locked(Inode& inode) REQUIRES(lock_);

    SpinLock lock_{LockRank::kInodeCache, "inode cache"};
    Bucket buckets_[kBuckets] GUARDED_BY(lock_);
    List<Inode, &Inode::unused_node_> unused_ GUARDED_BY(lock_);  // oldest first
    Mutex sync_lock_{LockRank::kSync, "sync"};  // one write-back of all files at a time
    u64 sync_passes_ GUARDED_BY(sync_lock_) = 0;
    // The inode that it is at: destroyed only afterwards, though nobody uses it for that.
    Inode* written_ GUARDED_BY(lock_) = nullptr;
    WaitQueue written_changed_;
    Atomic<u32> active_{0};
    const Resting resting_;
};

// One rename, all looked up and checked. Both directories are locked, and so are `moved` and
// `replaced`. In an exchange `replaced` is the other side and gets the old name.
struct Rename {
    Inode& old_directory;
    StringView old_name;
    Inode& moved;
    Inode& new_directory;
    StringView new_name;
    Inode* replaced;  // null where the new name is free
    bool exchange;
};

class FileSystem : public RefCounted {
  public:
    FileSystem(const char* type, Resting resting);
    ~FileSystem() override;
    // Gives it its number; sync and the others who walk all file systems find it from here on. By whoever
    // has made it, last: they call what it overrides.
    void make_known();

    const char* type() const { return type_; }  // as in /proc/mounts
    // st_dev of its inodes; a fresh number for each file system.
    u64 device() const { return device_; }

    virtual Ref<Inode> root() = 0;
    virtual Result<void> statfs(struct statfs& result) = 0;
    // Writes everything back; the base does that for file pages. A disk file system then writes
    // its blocks and flushes the device.
    virtual Result<void> sync();
    // Makes the file system read-only, or writable again; EROFS where it cannot be writable.
    virtual Result<void> remount(bool read_only);

    // Moves a name, atomically for everyone who locks the directories. A moved directory's ".." and
    // both link counts are its business; that nothing moves below itself has been checked. Whatever
    // is replaced loses a link (a directory, found empty by the file system or ENOTEMPTY, gets
    // nlink 0). Default: EPERM; exchange may be refused with EINVAL.
    virtual Result<void> rename(const Rename& rename);

    // Called once for an inode with nlink 0 after its last user: frees its blocks and its number.
    // Its pages are gone already; the object is destroyed after this call. May sleep.
    virtual void free_inode(Inode& inode);

    bool read_only() const { return read_only_.load_relaxed(); }

    InodeCache inodes;
    // Held by a rename that concerns two directories: keeps the shape of the tree.
    Mutex rename_lock{LockRank::kRename, "rename"};
    // The directory that this file system is mounted on; null for the root. fs/mount.cc sets it.
    Ref<Inode> covered;
    ListNode all_node;  // in the list of all file systems

  protected:
    Atomic<bool> read_only_{false};

  private:
    const char* type_;
    u64 device_ = 0;
};

// Calls sync() of every file system; the first error, after trying all. For sync(2) and power-off.
Result<void> sync_all_file_systems();
// The file system with the smallest device number above `device`, or null: for walking all of them.
Ref<FileSystem> next_file_system(u64 device);
