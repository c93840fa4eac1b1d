// A file system: the tree of inodes behind one mount. Derived by ramfs here and by ext2, devfs and
// procfs in floor fs. The mount holds a Ref<FileSystem>; inodes refer to it without counting, and it
// is not unmounted while one of them is in use.
#pragma once
#include "abi/statfs.h"
#include "io/inode.h"
#include "io/inode_cache.h"

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

  protected:
    Atomic<bool> read_only_{false};

  private:
    friend class FileSystems;
    const char* type_;
    u64 device_;
    ListNode all_node_;  // in the list of all file systems
};

// Calls sync() of every file system; the first error, after trying all. For sync(2) and power-off.
Result<void> sync_all_file_systems();
// The file system with the smallest device number above `device`, or null: for walking all of them.
Ref<FileSystem> next_file_system(u64 device);
