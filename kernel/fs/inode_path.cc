// From a file back to a path. See inode_path.h.
#include "fs/inode_path.h"

#include "abi/dirent.h"
#include "fs/proc_text.h"
#include "io/path.h"

namespace {

constexpr usize kMostDirectories = 400;

// A directory that is still to be searched.
struct Pending {
    ListNode node;
    Ref<Inode> directory;
};

class PendingDirectories : Immovable {
  public:
    ~PendingDirectories() {
        while (Pending* pending = list_.pop_front()) delete pending;
    }
    Result<void> add(Ref<Inode> directory) {
        Owned<Pending> pending = TRY(make<Pending>());
        pending->directory = move(directory);
        list_.push_back(*pending.release());
        return {};
    }
    Ref<Inode> take() {
        Owned<Pending> pending(list_.pop_front());
        return pending ? move(pending->directory) : nullptr;
    }

  private:
    List<Pending, &Pending::node> list_;
};

// Looks for an inode number among a directory's entries, and notes the directories.
class EntrySearch final : public DirectoryVisitor {
  public:
    explicit EntrySearch(u64 ino) : ino_(ino) {}

    bool entry(StringView name, u64 ino, u8 type, u64) override {
        if (ino == ino_) {
            length_ = name.size();
            memcpy(name_, name.data(), length_);
            return false;
        }
        if (type == DT_DIR && !(name == ".") && !(name == "..")) {
            subdirectories.print("%.*s/", static_cast<int>(name.size()), name.data());
        }
        return true;
    }
    StringView found() const { return {name_, length_}; }

    ProcText subdirectories;  // their names, each with a slash after it

  private:
    const u64 ino_;
    usize length_ = 0;
    char name_[NAME_MAX];
};

Result<usize> join(Ref<Inode> directory, StringView name, Span<char> to) {
    usize length = TRY(path_of_directory(move(directory), to)) - 1;
    length -= length == 1 ? 1 : 0;  // the root's path ends in a slash
    if (length + 1 + name.size() > to.size()) return Errno{ENAMETOOLONG};
    to[length] = '/';
    memcpy(to.data() + length + 1, name.data(), name.size());
    return length + 1 + name.size();
}

// Puts the subdirectories that the search has noted on the list.
Result<void> add_all(const Ref<Inode>& directory, StringView names, PendingDirectories& pending) {
    while (!names.empty()) {
        StringView name = names.first(names.find('/'));
        names = names.sub(name.size() + 1);
        MutexGuard guard(directory->lock);
        Result<Ref<Inode>> below = directory->lookup(name);
        if (below.ok()) TRY(pending.add(move(*below)));
    }
    return {};
}

}  // namespace

Result<usize> path_of_inode(Ref<Inode> inode, Span<char> to) {
    if (inode->is_directory()) return TRY(path_of_directory(move(inode), to)) - 1;
    PendingDirectories pending;
    TRY(pending.add(inode->fs.root()));
    for (usize searched = 0; searched < kMostDirectories; searched++) {
        Ref<Inode> directory = pending.take();
        if (!directory) break;
        EntrySearch search(inode->ino);
        {
            MutexGuard guard(directory->lock);
            TRY(directory->list(0, search));
        }
        if (!search.found().empty()) return join(move(directory), search.found(), to);
        TRY(add_all(directory, search.subdirectories.view(), pending));
    }
    return Errno{ENOENT};
}
