// Making and removing names in directories: what the *at system calls do after lookup, with all the
// checks that hold for every file system, under the right locks (the order is in inode.h).
// Also used without user programs: the initial archive, kernel tests. Called without locks.
#pragma once
#include "io/path.h"

// Each makes the entry `name` in `directory`: EEXIST, EROFS, ENOENT where the directory has been
// removed, and what the file system says. The mode is taken as it is.
Result<Ref<Inode>> make_file(Inode& directory, StringView name, const NewInode& attributes);
Result<Ref<Inode>> make_directory(Inode& directory, StringView name, const NewInode& attributes);
Result<Ref<Inode>> make_symlink(Inode& directory, StringView name, StringView target);
Result<void> make_link(Inode& directory, StringView name, Inode& target);

// The inode of a name for opening with O_CREAT: the one that is there, or a new one.
struct FoundOrMade {
    Ref<Inode> inode;
    bool made = false;
};
Result<FoundOrMade> find_or_make_file(Inode& directory, StringView name,
                                      const NewInode& attributes);

// EISDIR for a directory; EBUSY where something is mounted.
Result<void> remove_file(Inode& directory, StringView name);
// ENOTDIR, ENOTEMPTY, EBUSY.
Result<void> remove_directory(Inode& directory, StringView name);

// renameat2(2) after the parents have been found; flags are RENAME_*.
Result<void> rename_entry(const ParentAndName& from, const ParentAndName& to, u32 flags);

// Attributes of what the current process makes in `directory`: the umask and, in a set-group-id
// directory, its group are applied to `mode`, which includes the file type.
NewInode new_attributes(const Inode& directory, u32 mode, u64 device = 0);

// Holds the lock of an inode while its directory's, or another directory's, is held.
class ChildGuard : Immovable {
  public:
    explicit ChildGuard(Inode& inode) : inode_(inode) { inode_.lock.lock_nested(); }
    ~ChildGuard() { inode_.lock.unlock(); }

  private:
    Inode& inode_;
};
