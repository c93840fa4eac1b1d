// Making and removing names in directories. See names.h; renaming is in rename.cc.
#include "io/names.h"

#include "io/process_files.h"

namespace {

// The entry of this name, or the one that make() makes; both under the directory's lock.
template <typename Make>
Result<FoundOrMade> find_or_make(Inode& directory, StringView name, Make make) {
    MutexGuard guard(directory.lock);
    Result<Ref<Inode>> existing = directory.lookup(name);
    if (existing.ok()) return FoundOrMade{move(existing).value(), false};
    if (existing.error().number != ENOENT || directory.nlink.load() == 0) return existing.error();
    if (directory.fs.read_only()) return Errno{EROFS};
    return FoundOrMade{TRY(make()), true};
}

// What exists is told first, as Linux does.
template <typename Make>
Result<Ref<Inode>> make_entry(Inode& directory, StringView name, Make make) {
    FoundOrMade entry = TRY(find_or_make(directory, name, make));
    if (!entry.made) return Errno{EEXIST};
    return entry.inode;
}

}  // namespace

NewInode new_attributes(const Inode& directory, u32 mode, u64 device) {
    NewInode result{.mode = mode & ~current_umask(), .device = device};
    if ((directory.mode.load_relaxed() & S_ISGID) != 0) {
        result.gid = directory.gid.load_relaxed();
        result.mode |= S_ISDIR(mode) ? S_ISGID : 0;
    }
    return result;
}

Result<Ref<Inode>> make_file(Inode& directory, StringView name, const NewInode& attributes) {
    return make_entry(directory, name, [&] { return directory.create(name, attributes); });
}

Result<Ref<Inode>> make_directory(Inode& directory, StringView name, const NewInode& attributes) {
    return make_entry(directory, name, [&] { return directory.mkdir(name, attributes); });
}

Result<Ref<Inode>> make_symlink(Inode& directory, StringView name, StringView target) {
    NewInode attributes{.mode = S_IFLNK | 0777};
    return make_entry(directory, name, [&] { return directory.symlink(name, target, attributes); });
}

Result<void> make_link(Inode& directory, StringView name, Inode& target) {
    TRY(make_entry(directory, name, [&]() -> Result<Ref<Inode>> {
        if (&directory.fs != &target.fs) return Errno{EXDEV};
        if (target.is_directory()) return Errno{EPERM};
        ChildGuard guard(target);
        if (target.nlink.load() == 0) {
            return Errno{ENOENT};  // unlinked since it was looked up
        }
        TRY(directory.link(name, target));
        return Ref<Inode>(target);
    }));
    return {};
}

Result<FoundOrMade> find_or_make_file(Inode& directory, StringView name,
                                      const NewInode& attributes) {
    return find_or_make(directory, name, [&] { return directory.create(name, attributes); });
}

Result<void> remove_file(Inode& directory, StringView name) {
    if (directory.fs.read_only()) return Errno{EROFS};
    Ref<Inode> victim;  // outlives the locks: its last reference may free blocks
    MutexGuard guard(directory.lock);
    victim = TRY(directory.lookup(name));
    if (victim->is_directory()) return Errno{EISDIR};
    ChildGuard victim_guard(*victim);
    return directory.unlink(name, *victim);
}

Result<void> remove_directory(Inode& directory, StringView name) {
    if (directory.fs.read_only()) return Errno{EROFS};
    Ref<Inode> victim;
    MutexGuard guard(directory.lock);
    victim = TRY(directory.lookup(name));
    if (!victim->is_directory()) return Errno{ENOTDIR};
    ChildGuard victim_guard(*victim);
    if (victim->mounted.load() != nullptr) return Errno{EBUSY};
    TRY(directory.rmdir(name, *victim));
    victim->removed_from = Ref<Inode>(directory);
    return {};
}
