// Opening files by path, and the arguments that all *at system calls share: a descriptor for where a
// relative path starts, a path in user memory, flags. For each: EFAULT, ENAMETOOLONG, ENOENT for an
// empty path, EBADF for a descriptor that a relative path needs, and what path.h says.
#pragma once
#include "io/path.h"
#include "process/file.h"

// open(2) without descriptors: EEXIST, EISDIR, ELOOP, ENOTDIR, EROFS, ENXIO …
Result<Ref<File>> open_path(Ref<Inode> start, StringView path, u32 flags, u32 mode);

// The inode that is meant; AT_SYMLINK_NOFOLLOW in `flags` counts. With AT_EMPTY_PATH an empty path is
// what `directory_fd` refers to: EBADF where that has no inode.
Result<Ref<Inode>> inode_at(int directory_fd, UserAddress path, int flags = 0);
// The parent and the last component.
Result<ParentAndName> parent_at(int directory_fd, UserAddress path);
// The same for a name that is to be made and is no directory's: EEXIST; ENOENT if it ends in a slash.
Result<ParentAndName> new_name_at(int directory_fd, UserAddress path);

// Whether a path from user memory is "": with AT_EMPTY_PATH that can be a file without an inode. EFAULT.
Result<bool> is_empty_path(UserAddress path);

// Two new descriptors, told in `to`; EFAULT and EMFILE leave none.
Result<void> install_pair(Ref<File> first, Ref<File> second, u32 flags, UserOut<int> to);

// The file of a descriptor, for what needs it open: EBADF also after O_PATH.
Result<Ref<File>> opened_file(int fd);
