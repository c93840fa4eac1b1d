// From a file back to a path, for the links of /proc. See path_of_inode in proc.h.
#include "abi/dirent.h"
#include "fs/proc.h"
#include "io/path.h"

namespace {

constexpr usize kMostDirectories = 400;

// Looks for an inode number among the entries of one directory after the other, level by level.
struct PathSearch final : DirectoryVisitor {
    explicit PathSearch(u64 number) : ino(number) {}

    bool entry(StringView name, u64 number, u8 type, u64) override {
        found = number == ino;
        if (!found && (type != DT_DIR || name == "." || name == "..")) return true;
        const char* slash = here.empty() ? "" : "/";
        paths.print("%.*s%s%.*s", static_cast<int>(here.size()), here.data(), slash,
                    static_cast<int>(name.size()), name.data());
        paths.put('\0');
        return !found;
    }
    // The path at `at`, copied into `buffer`: the text moves when it grows. `at` goes behind it.
    bool take(usize& at) {
        StringView rest = paths.view().sub(at);
        StringView path = rest.first(min(rest.find('\0'), sizeof buffer));
        memcpy(buffer, path.data(), path.size());
        here = {buffer, path.size()};
        at += path.size() + 1;
        return !path.empty();
    }

    const u64 ino;
    bool found = false;
    StringView here;  // the directory, from the file system's root
    ProcText paths;   // of directories still to be searched, and at last of what was found
    char buffer[PATH_MAX];
};

// The path of the file system's root with `below` behind it.
Result<usize> join(const Ref<Inode>& root, StringView below, Span<char> to) {
    usize length = TRY(path_of_directory(root, to)) - 1;
    length -= length == 1 ? 1 : 0;  // the path of the root of everything ends in a slash
    if (length + 1 + below.size() > to.size()) return Errno{ENAMETOOLONG};
    to[length] = '/';
    memcpy(to.data() + length + 1, below.data(), below.size());
    return length + 1 + below.size();
}

}  // namespace

Result<usize> path_of_inode(Ref<Inode> inode, Span<char> to) {
    if (inode->is_directory()) return TRY(path_of_directory(move(inode), to)) - 1;
    Owned<PathSearch> search = TRY(make<PathSearch>(inode->ino));
    Ref<Inode> root = inode->fs.root();
    Result<Ref<Inode>> directory = root;
    usize at = 0;
    for (usize searched = 0; searched < kMostDirectories; searched++) {
        // Something else may be mounted there.
        if (directory.ok() && &(*directory)->fs == &inode->fs) {
            usize end = search->paths.view().size();
            MutexGuard guard((*directory)->lock);
            TRY((*directory)->list(0, *search));
            if (search->found) at = end;
        }
        TRY(search->paths.result());
        if (!search->take(at)) break;
        if (search->found) return join(root, search->here, to);
        directory = lookup_path(root, search->here, FollowLast::kNo);
    }
    return Errno{ENOENT};
}
