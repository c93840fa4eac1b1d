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
Result<ParentAndName> lookup_parent(Ref<Inode> start, StringView path);

// A walk along a path: where it stands, and what is left of the path.
class PathWalk : Immovable {
  public:
    PathWalk(Ref<Inode> start, StringView path) : at_(move(start)), rest_(path) {}

    const Ref<Inode>& at() const { return at_; }
    // Leaves the leading slashes of an absolute path, which starts at the root. ENOENT where empty.
    Result<void> begin();
    // Goes all the way, or up to the last component.
    Result<void> to_end(FollowLast follow);
    Result<ParentAndName> to_last();
    // Puts a link's text before what is left of the path, and stands where that starts. True where
    // the link leads to an inode at once instead, which has been reached.
    Result<bool> follow(const Ref<Inode>& link);

  private:
    // The next component; empty at the end. ENAMETOOLONG.
    Result<StringView> next();
    // Whether next() has returned the last component.
    bool at_last() const { return slashes() == rest_.size(); }
    // Goes to `name` in the directory reached; the target of a link only if told so.
    Result<void> step(StringView name, FollowLast follow);
    usize slashes() const;

    Ref<Inode> at_;
    StringView rest_;
    unsigned links_ = 0;
    Owned<Array<char, PATH_MAX>> buffer_;  // holds rest_ once a link has been followed
};

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
