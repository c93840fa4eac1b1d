// Path lookup. See path.h.
#include "io/path.h"

#include "io/process_files.h"

constinit SpinLock mounts_lock{LockRank::kMounts, "mounts"};

static constinit Inode* the_root = nullptr;  // a counted reference

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
    if (child->is_symlink() && follow_last == FollowLast::kYes) {
        TRY(follow(child));
    } else {
        at_ = move(child);
    }
    return {};
}

Result<bool> PathWalk::follow(const Ref<Inode>& link) {
    if (++links_ > SYMLOOP_MAX) return Errno{ELOOP};
    if (Ref<Inode> target = TRY(link->jump_target())) {
        at_ = move(target);
        return true;
    }
    auto buffer = TRY((make<Array<char, PATH_MAX>>()));
    usize length = TRY(link->read_link(Span<char>(buffer->items)));
    if (length + rest_.size() > PATH_MAX) return Errno{ENAMETOOLONG};
    memcpy(buffer->begin() + length, rest_.data(), rest_.size());
    rest_ = {buffer->begin(), length + rest_.size()};
    buffer_ = move(buffer);
    TRY(begin());
    return false;
}

Result<void> PathWalk::to_end(FollowLast follow) {
    bool want_directory = false;
    for (;;) {
        StringView name = TRY(next());
        if (name.empty()) break;
        // A link with a slash after it is followed: "link/" is a directory or nothing.
        want_directory = !rest_.empty();
        bool final_link = at_last() && !want_directory;
        TRY(step(name, final_link ? follow : FollowLast::kYes));
    }
    return want_directory && !at_->is_directory() ? Errno{ENOTDIR} : Result<void>();
}

Result<ParentAndName> PathWalk::to_last() {
    StringView name = TRY(next());
    while (!name.empty() && !at_last()) {
        TRY(step(name, FollowLast::kYes));
        name = TRY(next());
    }
    if (!at_->is_directory()) return Errno{ENOTDIR};
    using Kind = ParentAndName::Kind;
    ParentAndName result;
    result.directory = at_;
    result.kind = name.empty()   ? Kind::kRoot
                  : name == "."  ? Kind::kDot
                  : name == ".." ? Kind::kDotDot
                                 : Kind::kName;
    result.trailing_slash = !rest_.empty();
    result.length = static_cast<u8>(name.size());
    memcpy(result.text, name.data(), name.size());
    result.text[name.size()] = '\0';
    return result;
}

Result<Ref<Inode>> lookup_path(Ref<Inode> start, StringView path, FollowLast follow) {
    PathWalk walk(move(start), path);
    TRY(walk.begin());
    TRY(walk.to_end(follow));
    return walk.at();
}

Result<ParentAndName> lookup_parent(Ref<Inode> start, StringView path) {
    PathWalk walk(move(start), path);
    TRY(walk.begin());
    return walk.to_last();
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

// The way back: from a directory to its path, by going up and looking for each directory's name in
// its parent. Slow, but rare (getcwd), and without a cache that could be wrong.

namespace {

// Finds the name that a directory's entries give to one inode number.
class NameOf final : public DirectoryVisitor {
  public:
    explicit NameOf(u64 ino) : ino_(ino) {}

    bool entry(StringView name, u64 ino, u8, u64) override {
        if (ino != ino_ || name == "." || name == "..") return true;
        length_ = min(name.size(), sizeof text_);
        memcpy(text_, name.data(), length_);
        return false;
    }
    StringView name() const { return {text_, length_}; }

  private:
    const u64 ino_;
    usize length_ = 0;
    char text_[NAME_MAX];
};

// What a directory is called in its parent; at the root of a mount, what it covers is called.
Ref<Inode> named_inode(Ref<Inode> directory) {
    while (directory == directory->fs.root() && directory->fs.covered) {
        directory = directory->fs.covered;
    }
    return directory;
}

// Puts `text` before what `to` holds from `start` on.
Result<usize> prepend(StringView text, Span<char> to, usize start) {
    if (text.size() > start) return Errno{ERANGE};
    memcpy(to.data() + start - text.size(), text.data(), text.size());
    return start - text.size();
}

}  // namespace

Result<usize> path_of_directory(Ref<Inode> directory, Span<char> to) {
    usize start = TRY(prepend({"", 1}, to, to.size()));
    Ref<Inode> root = current_root();
    Ref<Inode> at = move(directory);
    while (at != root && at != global_root()) {
        if (at->nlink.load() == 0) return Errno{ENOENT};
        Ref<Inode> parent = TRY(lookup_parent_directory(at));
        Ref<Inode> named = named_inode(at);
        NameOf finder(named->ino);
        {
            // What is mounted over the parent has nothing to do with it.
            MutexGuard guard(parent->lock);
            TRY(parent->list(0, finder));
        }
        if (finder.name().empty()) return Errno{ENOENT};
        start = TRY(prepend(finder.name(), to, start));
        start = TRY(prepend("/", to, start));
        at = move(parent);
    }
    if (start + 1 == to.size()) start = TRY(prepend("/", to, start));
    memmove(to.data(), to.data() + start, to.size() - start);
    return to.size() - start;
}
