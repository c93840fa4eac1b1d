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

// Both directories of a rename, locked.
class TwoDirectories : Immovable {
  public:
    TwoDirectories(Inode& from, Inode& to) : from_(from), to_(to) {}
    ~TwoDirectories() NO_THREAD_SAFETY_ANALYSIS;
    Result<void> lock() NO_THREAD_SAFETY_ANALYSIS;

    // What must not be moved, and what must not be replaced: a directory that holds the other end.
    Ref<Inode> above_to;
    Ref<Inode> above_from;

  private:
    Inode& from_;
    Inode& to_;
    bool locked_ = false;
};

Result<void> TwoDirectories::lock() {
    if (&from_ == &to_) {
        from_.lock.lock();
        locked_ = true;
        return {};
    }
    from_.fs.rename_lock.lock();
    Result<Ref<Inode>> down = child_towards(from_, Ref<Inode>(to_));
    Result<Ref<Inode>> up = child_towards(to_, Ref<Inode>(from_));
    if (!down.ok() || !up.ok()) {
        from_.fs.rename_lock.unlock();
        return down.ok() ? up.error() : down.error();
    }
    above_to = move(down).value();
    above_from = move(up).value();
    // Ancestors first; the address decides among strangers.
    bool from_first = above_to || (!above_from && &from_ < &to_);
    (from_first ? from_ : to_).lock.lock();
    (from_first ? to_ : from_).lock.lock_nested();
    locked_ = true;
    return {};
}

TwoDirectories::~TwoDirectories() {
    if (!locked_) return;
    from_.lock.unlock();
    if (&from_ != &to_) {
        to_.lock.unlock();
        from_.fs.rename_lock.unlock();
    }
}

// The locks of what is moved and of what is replaced, if anything.
class TwoChildren : Immovable {
  public:
    TwoChildren(Inode& moved, Inode* replaced)
        : first_(&moved), second_(replaced == &moved ? nullptr : replaced) {
        // A directory has the lower rank; among two of a kind the address decides.
        if (second_ != nullptr && before(*second_, *first_)) swap(first_, second_);
        first_->is_directory() ? first_->lock.lock_nested() : first_->lock.lock();
        if (second_ != nullptr) {
            bool same_rank = second_->is_directory() == first_->is_directory();
            same_rank ? second_->lock.lock_nested() : second_->lock.lock();
        }
    }
    ~TwoChildren() {
        if (second_ != nullptr) second_->lock.unlock();
        first_->lock.unlock();
    }

  private:
    static bool before(const Inode& a, const Inode& b) {
        return a.is_directory() != b.is_directory() ? a.is_directory() : &a < &b;
    }

    Inode* first_;
    Inode* second_;
};

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
    bool both = keep && (flags & RENAME_EXCHANGE) != 0;
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0 || both) return Errno{EINVAL};
    if (&from.directory->fs != &to.directory->fs) return Errno{EXDEV};
    if (from.kind != ParentAndName::Kind::kName) return Errno{EBUSY};
    if (to.kind != ParentAndName::Kind::kName) return keep ? Errno{EEXIST} : Errno{EBUSY};
    return from.directory->fs.read_only() ? Errno{EROFS} : Result<void>();
}

}  // namespace

Result<void> rename_entry(const ParentAndName& from, const ParentAndName& to, u32 flags) {
    TRY(check_request(from, to, flags));
    Inode& old_directory = *from.directory;
    Inode& new_directory = *to.directory;
    bool exchange = (flags & RENAME_EXCHANGE) != 0;
    Ref<Inode> moved, replaced;  // outlive the locks
    TwoDirectories directories(old_directory, new_directory);
    TRY(directories.lock());
    moved = TRY(old_directory.lookup(from.name()));
    Result<Ref<Inode>> existing = new_directory.lookup(to.name());
    if (!existing.ok() && (existing.error().number != ENOENT || exchange)) return existing.error();
    if (existing.ok() && (flags & RENAME_NOREPLACE) != 0) return Errno{EEXIST};
    replaced = move(existing).value_or(nullptr);
    if (moved == directories.above_to) return Errno{EINVAL};
    if (replaced && replaced == directories.above_from) {
        return exchange ? Errno{EINVAL} : Errno{ENOTEMPTY};
    }
    TRY(check_types(from, to, *moved, replaced.get(), exchange));
    if (moved == replaced) return {};  // two names of one file stay as they are
    if (is_mounted_on(moved.get()) || is_mounted_on(replaced.get())) return Errno{EBUSY};
    if (new_directory.nlink.load() == 0) return Errno{ENOENT};
    TwoChildren children(*moved, replaced.get());
    TRY(old_directory.fs.rename(
        {old_directory, from.name(), *moved, new_directory, to.name(), replaced.get(), exchange}));
    if (replaced && replaced->is_directory() && !exchange) replaced->removed_from = to.directory;
    return {};
}
