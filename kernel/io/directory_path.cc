// The way back: from a directory to its path, by going up and looking for each directory's name in
// its parent. Slow, but rare (getcwd), and without a cache that could be wrong.
#include "io/path.h"
#include "io/process_files.h"

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
        Ref<Inode> parent = TRY(lookup_entry(at, ".."));
        Ref<Inode> named = named_inode(at);
        NameOf finder(named->ino);
        {
            // Within the parent's own file system: what is mounted over it does not matter here.
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
