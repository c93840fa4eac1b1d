// Renaming. One name disappears and another appears at once, so both directories are locked; and
// nothing may be moved below itself, which would cut a branch off the tree. See names.h and, for the
// order of locks, inode.h. Reference: rename(2).
#include "io/names.h"

namespace {

// The directory right below `ancestor` on the way down to `descendant`; null where that is not
// below it. No directory is locked, and the caller holds the rename lock: the way stays.
Result<Ref<Inode>> child_towards(const Inode& ancestor, Ref<Inode> descendant) {
    // Bounded, should a damaged disk lead in a circle.
    constexpr u32 kDeepest = 100'000;
    for (u32 depth = 0; depth < kDeepest; depth++) {
        Ref<Inode> parent;
        {
            MutexGuard guard(descendant->lock);
            parent = TRY(descendant->lookup(".."));
        }
        if (parent.get() == &ancestor) return descendant;
        if (parent == descendant) return Ref<Inode>();
        descendant = move(parent);
    }
    return Errno{EUCLEAN};
}

// The order in which two inodes are locked: a directory has the lower rank; among two of a kind the
// address decides.
bool locked_before(const Inode& a, const Inode& b) {
    return a.is_directory() != b.is_directory() ? a.is_directory() : &a < &b;
}

// Whether names that end in a slash, or that are swapped for each other, fit the types.
Result<void> check_types(const ParentAndName& from, const ParentAndName& to, const Inode& moved,
                         const Inode* replaced, bool exchange) {
    bool old_slash = from.trailing_slash || (to.trailing_slash && !exchange);
    bool new_slash = to.trailing_slash && exchange;
    if ((old_slash && !moved.is_directory()) || (new_slash && !replaced->is_directory())) {
        return Errno{ENOTDIR};
    }
    if (replaced == nullptr || exchange || moved.is_directory() == replaced->is_directory()) {
        return {};
    }
    return moved.is_directory() ? Errno{ENOTDIR} : Errno{EISDIR};
}

bool is_mounted_on(const Inode* inode) {
    return inode != nullptr && inode->mounted.load() != nullptr;
}

// What can be told before anything is locked.
Result<void> check_request(const ParentAndName& from, const ParentAndName& to, u32 flags) {
    bool keep = (flags & RENAME_NOREPLACE) != 0;
    if (&from.directory->fs != &to.directory->fs) return Errno{EXDEV};
    if (from.kind != ParentAndName::Kind::kName) return Errno{EBUSY};
    if (to.kind != ParentAndName::Kind::kName) return keep ? Errno{EEXIST} : Errno{EBUSY};
    return from.directory->fs.read_only() ? Errno{EROFS} : Result<void>();
}

// What a rename takes and replaces, for the caller to drop when nothing is locked any more.
struct Renamed {
    Ref<Inode> moved, replaced;
};

// With both directories locked. What must not be moved, and what must not be replaced: a directory
// that holds the other end.
Result<void> rename_locked(const ParentAndName& from, const ParentAndName& to, u32 flags,
                           const Ref<Inode>& above_to, const Ref<Inode>& above_from,
                           Renamed& renamed) {
    Inode& old_directory = *from.directory;
    Inode& new_directory = *to.directory;
    Ref<Inode>& moved = renamed.moved;
    Ref<Inode>& replaced = renamed.replaced;
    bool exchange = (flags & RENAME_EXCHANGE) != 0;
    moved = TRY(old_directory.lookup(from.name()));
    Result<Ref<Inode>> existing = new_directory.lookup(to.name());
    if (!existing.ok() && (existing.error().number != ENOENT || exchange)) return existing.error();
    if (existing.ok() && (flags & RENAME_NOREPLACE) != 0) return Errno{EEXIST};
    replaced = move(existing).value_or(nullptr);
    if (moved == above_to) return Errno{EINVAL};
    if (replaced && replaced == above_from) return exchange ? Errno{EINVAL} : Errno{ENOTEMPTY};
    TRY(check_types(from, to, *moved, replaced.get(), exchange));
    if (moved == replaced) return {};  // two names of one file stay as they are
    if (is_mounted_on(moved.get()) || is_mounted_on(replaced.get())) return Errno{EBUSY};
    if (new_directory.nlink.load() == 0) return Errno{ENOENT};
    Inode* first = moved.get();
    Inode* second = replaced.get();
    if (second != nullptr && locked_before(*second, *first)) swap(first, second);
    Rename request{old_directory, from.name(),    *moved,  new_directory,
                   to.name(),     replaced.get(), exchange};
    ChildGuard first_guard(*first);
    if (second == nullptr) return old_directory.fs.rename(request);
    ChildGuard second_guard(*second);
    TRY(old_directory.fs.rename(request));
    if (replaced->is_directory() && !exchange) replaced->removed_from = to.directory;
    return {};
}

}  // namespace

Result<void> rename_entry(const ParentAndName& from, const ParentAndName& to, u32 flags) {
    TRY(check_request(from, to, flags));
    Inode& old_directory = *from.directory;
    Inode& new_directory = *to.directory;
    Renamed renamed;  // outlives the locks
    if (&old_directory == &new_directory) {
        MutexGuard guard(old_directory.lock);
        return rename_locked(from, to, flags, nullptr, nullptr, renamed);
    }
    MutexGuard shape_guard(old_directory.fs.rename_lock);
    Ref<Inode> above_to = TRY(child_towards(old_directory, to.directory));
    Ref<Inode> above_from = TRY(child_towards(new_directory, from.directory));
    // Ancestors first; the address decides among strangers.
    bool old_first = above_to || (!above_from && &old_directory < &new_directory);
    ChildGuard first(old_first ? old_directory : new_directory);
    ChildGuard second(old_first ? new_directory : old_directory);
    return rename_locked(from, to, flags, above_to, above_from, renamed);
}
