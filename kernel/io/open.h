// Opening files by path, and the arguments that all *at system calls share: a descriptor for where a
// relative path starts, a path in user memory, flags.
#pragma once
#include "io/path.h"
#include "process/file.h"

// open(2) without descriptors: EEXIST, EISDIR, ELOOP, ENOTDIR, EROFS, ENXIO …
Result<Ref<File>> open_path(Ref<Inode> start, StringView path, u32 flags, u32 mode);

// A path argument, and the directory that it starts from.
class PathArgument : Immovable {
  public:
    // EFAULT, ENAMETOOLONG; EBADF for a descriptor that a relative path needs. An empty path is
    // ENOENT, unless `flags` have AT_EMPTY_PATH: then it means what `directory_fd` refers to.
    Result<void> read(int directory_fd, UserAddress path, int flags = 0);

    // The inode that is meant: AT_SYMLINK_NOFOLLOW in `flags` counts. ENOENT, ENOTDIR, ELOOP, and
    // EBADF where an empty path means a file without an inode.
    Result<Ref<Inode>> lookup(int flags);
    // The parent and the last component.
    Result<void> lookup_parent(ParentAndName& result);
    // The same for a name that is to be made and is no directory's: EEXIST, ENOENT if it ends in a
    // slash.
    Result<void> lookup_new_name(ParentAndName& result);

    const Ref<Inode>& start() const { return start_; }
    StringView path() const { return path_.view(); }

  private:
    UserPath path_;
    Ref<Inode> start_;
};
