// From a path to an inode: walks the components, follows symbolic links, crosses mounts. The *at
// system calls name where a relative path starts.
// Takes directory locks one at a time; called without locks. Everybody is root here (uid 0), so no
// directory refuses to be searched. Reference: path_resolution(7).
#pragma once
#include "abi/limits.h"
#include "io/file_system.h"

enum class FollowLast : u8 { kYes, kNo };

// The inode of `path`; a relative one starts at `start`. ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
Result<Ref<Inode>> lookup_path(Ref<Inode> start, StringView path, FollowLast follow);

// A path without its last component, for calls that make or remove a name.
struct ParentAndName {
    enum class Kind : u8 { kName, kDot, kDotDot, kRoot };

    Ref<Inode> directory;
    Kind kind = Kind::kName;
    bool trailing_slash = false;  // the last component is to be a directory
    u8 length = 0;
    char text[NAME_MAX + 1];

    StringView name() const { return {text, length}; }
};
Result<void> lookup_parent(Ref<Inode> start, StringView path, ParentAndName& result);

// One step: the entry `name` of `directory`, or its parent for "..", with whatever is mounted there.
Result<Ref<Inode>> lookup_entry(const Ref<Inode>& directory, StringView name);
// If a file system is mounted on `inode`, its root; and so on.
Ref<Inode> cross_mounts(Ref<Inode> inode);
// Guards Inode::mounted and FileSystem::covered against a lookup that passes by.
extern SpinLock mounts_lock;

// The root of the whole tree, with what is mounted on it.
Ref<Inode> global_root();
void set_global_root(Ref<Inode> root);

// Whether the current process may use `inode` so (R_OK, W_OK, X_OK): EROFS for writing, EACCES for
// executing what nobody may execute.
Result<void> check_access(const Inode& inode, u32 mask);

// The absolute path of a directory as the current process sees it, with a closing NUL. ENOENT if it
// has been removed, ERANGE if `to` is too short. Returns the length with the NUL.
Result<usize> path_of_directory(Ref<Inode> directory, Span<char> to);
