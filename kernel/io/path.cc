// Path lookup. See path.h.
#include "io/path.h"

#include "io/process_files.h"

constinit SpinLock mounts_lock{LockRank::kMounts, "mounts"};

namespace {

constinit Inode* the_root = nullptr;  // a counted reference

struct PathBuffer {
    char text[PATH_MAX];
};

// A walk along a path: where it stands, and what is left of the path.
class PathWalk {
  public:
    PathWalk(Ref<Inode> start, StringView path) : at_(move(start)), rest_(path) {}

    const Ref<Inode>& at() const { return at_; }
    // Leaves the leading slashes of an absolute path, which starts at the root.
    Result<void> begin();
    // The next component; empty at the end. ENAMETOOLONG.
    Result<StringView> next();
    // Whether next() has returned the last component; and whether slashes come after it.
    bool at_last() const { return rest_.empty() || slashes() == rest_.size(); }
    bool slashes_follow() const { return !rest_.empty(); }
    // Goes to `name` in the directory reached; the target of a link only if told so.
    Result<void> step(StringView name, FollowLast follow);

  private:
    usize slashes() const;
    Result<void> follow(const Ref<Inode>& link);

    Ref<Inode> at_;
    StringView rest_;
    unsigned links_ = 0;
    Owned<PathBuffer> buffer_;  // holds rest_ once a link has been followed
};

usize PathWalk::slashes() const {
    usize count = 0;
    while (count < rest_.size() && rest_[count] == '/') count++;
    return count;
}

Result<void> PathWalk::begin() {
    if (rest_.empty()) return Errno{ENOENT};
    if (rest_[0] == '/') at_ = current_root();
    rest_ = rest_.sub(slashes());
    return {};
}

Result<StringView> PathWalk::next() {
    rest_ = rest_.sub(slashes());
    StringView name = rest_.first(rest_.find('/'));
    if (name.size() > NAME_MAX) return Errno{ENAMETOOLONG};
    rest_ = rest_.sub(name.size());
    return name;
}

Result<void> PathWalk::step(StringView name, FollowLast follow_last) {
    if (!at_->is_directory()) return Errno{ENOTDIR};
    if (name == ".") return {};
    Ref<Inode> child = TRY(lookup_entry(at_, name));
    if (child->is_symlink() && follow_last == FollowLast::kYes) return follow(child);
    at_ = move(child);
    return {};
}

// Puts the link's text before what is left of the path, and goes on where that starts.
Result<void> PathWalk::follow(const Ref<Inode>& link) {
    if (++links_ > SYMLOOP_MAX) return Errno{ELOOP};
    Ref<Inode> target = TRY(link->jump_target());
    if (target) {
        at_ = move(target);
        return {};
    }
    Owned<PathBuffer> buffer = TRY(make<PathBuffer>());
    usize length = TRY(link->read_link(Span<char>(buffer->text)));
    if (length + rest_.size() > PATH_MAX) return Errno{ENAMETOOLONG};
    memcpy(buffer->text + length, rest_.data(), rest_.size());
    rest_ = {buffer->text, length + rest_.size()};
    buffer_ = move(buffer);
    return begin();
}

}  // namespace

Result<Ref<Inode>> lookup_path(Ref<Inode> start, StringView path, FollowLast follow) {
    PathWalk walk(move(start), path);
    TRY(walk.begin());
    bool want_directory = false;
    for (;;) {
        StringView name = TRY(walk.next());
        if (name.empty()) break;
        // A link with a slash after it is followed: "link/" is a directory or nothing.
        want_directory = walk.slashes_follow();
        bool final_link = walk.at_last() && !want_directory;
        TRY(walk.step(name, final_link ? follow : FollowLast::kYes));
    }
    if (want_directory && !walk.at()->is_directory()) return Errno{ENOTDIR};
    return walk.at();
}

Result<void> lookup_parent(Ref<Inode> start, StringView path, ParentAndName& result) {
    PathWalk walk(move(start), path);
    TRY(walk.begin());
    StringView name = TRY(walk.next());
    while (!name.empty() && !walk.at_last()) {
        TRY(walk.step(name, FollowLast::kYes));
        name = TRY(walk.next());
    }
    using Kind = ParentAndName::Kind;
    result.kind = name.empty()   ? Kind::kRoot
                  : name == "."  ? Kind::kDot
                  : name == ".." ? Kind::kDotDot
                                 : Kind::kName;
    result.trailing_slash = walk.slashes_follow();
    result.length = static_cast<u8>(name.size());
    memcpy(result.text, name.data(), name.size());
    result.text[name.size()] = '\0';
    if (!walk.at()->is_directory()) return Errno{ENOTDIR};
    result.directory = walk.at();
    return {};
}

namespace {

// The parent of a directory: at the root of a mount, of the directory that it covers.
Result<Ref<Inode>> lookup_parent_directory(Ref<Inode> directory) {
    if (directory == current_root()) return directory;
    while (directory == directory->fs.root()) {
        Ref<Inode> covered = directory->fs.covered;
        if (!covered) return directory;
        directory = move(covered);
    }
    MutexGuard guard(directory->lock);
    if (directory->removed_from) return directory->removed_from;
    return directory->lookup("..");
}

}  // namespace

Result<Ref<Inode>> lookup_entry(const Ref<Inode>& directory, StringView name) {
    if (name == "..") return cross_mounts(TRY(lookup_parent_directory(directory)));
    Result<Ref<Inode>> found = Errno{ENOENT};
    {
        MutexGuard guard(directory->lock);
        found = directory->lookup(name);
    }
    return found.ok() ? cross_mounts(move(found).value()) : move(found);
}

Ref<Inode> cross_mounts(Ref<Inode> inode) {
    while (inode->mounted.load_relaxed() != nullptr) {
        // An unmount checks under this lock that nobody is inside.
        SpinGuard guard(mounts_lock);
        FileSystem* fs = inode->mounted.load();
        if (fs == nullptr) break;
        inode = fs->root();  // not the last reference to the old: it is fs->covered
    }
    return inode;
}

Ref<Inode> global_root() {
    SpinGuard guard(mounts_lock);
    return Ref<Inode>(*the_root);
}

void set_global_root(Ref<Inode> root) {
    Ref<Inode> old;
    SpinGuard guard(mounts_lock);
    old = Ref<Inode>::adopt(exchange(the_root, root.leak()));
}

Result<void> check_access(const Inode& inode, u32 mask) {
    bool has_contents = inode.is_regular() || inode.is_directory() || inode.is_symlink();
    if ((mask & W_OK) != 0 && has_contents && inode.fs.read_only()) return Errno{EROFS};
    bool executable = inode.is_directory() || (inode.mode.load_relaxed() & 0111) != 0;
    if ((mask & X_OK) != 0 && !executable) return Errno{EACCES};
    return {};
}
