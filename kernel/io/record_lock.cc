// Locks on ranges of files. See record_lock.h.
// They are few and short-lived, so one list holds all of them, under one mutex.
#include "io/record_lock.h"

#include "io/process_files.h"
#include "thread/mutex.h"
#include "thread/wait.h"

namespace {

constexpr u64 kToTheEnd = ~u64{0} >> 1;

struct Range {
    Ref<Inode> inode;
    const void* owner;  // ProcessFiles, or the File of a lock on the whole
    i32 pid;            // the owner's; 0: it is a lock on the whole
    i16 type;           // F_RDLCK or F_WRLCK; F_UNLCK only in what is asked for
    u64 start = 0;      // and the first byte not locked; kToTheEnd for all that ever will be
    u64 end = 0;

    bool overlaps(const Range& other) const {
        bool same_kind = (pid == 0) == (other.pid == 0);
        return same_kind && inode == other.inode && start < other.end && other.start < end;
    }
};

struct RecordLock {
    explicit RecordLock(const Range& locked) : range(locked) {}
    Range range;
    ListNode node;
};

constinit Mutex locks_lock(LockRank::kRecordLocks, "record locks");
constinit List<RecordLock, &RecordLock::node> locks;
constinit WaitQueue lock_released;
constinit Atomic<u32> lock_count{0};

// The lock of another process that keeps `wanted` from being set, or null.
const Range* find_conflict(const Range& wanted) {
    for (RecordLock& lock : locks) {
        bool both_read = lock.range.type == F_RDLCK && wanted.type == F_RDLCK;
        if (lock.range.owner != wanted.owner && !both_read && lock.range.overlaps(wanted)) {
            return &lock.range;
        }
    }
    return nullptr;
}

void add(Owned<RecordLock> lock) {
    lock_count.fetch_add(1);
    locks.push_back(*lock.release());
}

void drop(RecordLock& lock) {
    locks.remove(lock);
    lock_count.fetch_sub(1);
    delete &lock;
}

// Takes the owner's locks out of the range; what sticks out on either side stays. A lock that does
// on both sides, of which there is one at most, becomes two: `spare` is the second.
void cut_out(const Range& range, Owned<RecordLock> spare) {
    for (RecordLock& lock : locks) {
        if (lock.range.owner != range.owner || !lock.range.overlaps(range)) continue;
        bool left = lock.range.start < range.start;
        bool right = lock.range.end > range.end;
        if (left && right) {
            spare->range = lock.range;
            spare->range.start = range.end;
            lock.range.end = range.start;
            return add(move(spare));  // the owner has no other lock in there
        }
        if (left) {
            lock.range.end = range.start;
        } else if (right) {
            lock.range.start = range.end;
        } else {
            drop(lock);
        }
    }
}

Result<void> set(const Range& wanted, int command) {
    Owned<RecordLock> lock = TRY(make<RecordLock>(wanted));
    Owned<RecordLock> spare = TRY(make<RecordLock>(wanted));
    MutexGuard guard(locks_lock);
    if (wanted.type != F_UNLCK) {
        if (command == F_SETLK && find_conflict(wanted) != nullptr) return Errno{EAGAIN};
        TRY(wait_until_interruptible(lock_released, locks_lock,
                                     [&] { return find_conflict(wanted) == nullptr; }));
    }
    cut_out(wanted, move(spare));
    if (wanted.type != F_UNLCK) add(move(lock));
    lock_released.wake_all();
    return {};
}

// The range of a struct flock in bytes from the file's start.
Result<void> find_range(File& file, const struct flock& from, Range& range) {
    i64 base = 0;
    switch (from.l_whence) {
    case SEEK_SET: break;
    case SEEK_CUR: base = static_cast<i64>(TRY(file.seek(0, SEEK_CUR))); break;
    case SEEK_END: base = static_cast<i64>(range.inode->size.load()); break;
    default: return Errno{EINVAL};
    }
    i64 start, end;
    if (__builtin_add_overflow(base, from.l_start, &start) ||
        __builtin_add_overflow(start, from.l_len, &end)) {
        return Errno{EOVERFLOW};
    }
    if (from.l_len < 0) swap(start, end);
    if (start < 0) return Errno{EINVAL};
    range.start = static_cast<u64>(start);
    range.end = from.l_len == 0 ? kToTheEnd : static_cast<u64>(end);
    return {};
}

// Tells in `request` who is in the way, or that nobody is.
void report_conflict(const Range& wanted, struct flock& request) {
    MutexGuard guard(locks_lock);
    const Range* conflict = find_conflict(wanted);
    if (conflict == nullptr) {
        request.l_type = F_UNLCK;
        return;
    }
    request.l_type = conflict->type;
    request.l_whence = SEEK_SET;
    request.l_start = static_cast<i64>(conflict->start);
    request.l_len =
        conflict->end == kToTheEnd ? 0 : static_cast<i64>(conflict->end - conflict->start);
    request.l_pid = conflict->pid;
}

}  // namespace

Result<void> record_lock(File& file, int command, UserAddress argument) {
    if (file.inode() == nullptr) return Errno{EBADF};
    struct flock request = TRY(UserIn<struct flock>(argument).read());
    Process& process = current_process();
    Range wanted = {Ref<Inode>(*file.inode()), process_files(process), process.pid, request.l_type};
    bool locks_something = wanted.type == F_RDLCK || wanted.type == F_WRLCK;
    if (!locks_something && (wanted.type != F_UNLCK || command == F_GETLK)) return Errno{EINVAL};
    TRY(find_range(file, request, wanted));
    if (command == F_GETLK) {
        report_conflict(wanted, request);
        return UserOut<struct flock>(argument).write(request);
    }
    if ((wanted.type == F_RDLCK && !file.readable()) ||
        (wanted.type == F_WRLCK && !file.writable())) {
        return Errno{EBADF};
    }
    return set(wanted, command);
}

// What was there of another type is given up first, even if the new one cannot be had: as on Linux.
Result<void> whole_lock(File& file, u32 operation) {
    if (file.inode() == nullptr) return Errno{EBADF};
    Range wanted = {Ref<Inode>(*file.inode()), &file, 0, F_UNLCK, 0, kToTheEnd};
    i16 type = (operation & LOCK_UN) != 0   ? F_UNLCK
               : (operation & LOCK_SH) != 0 ? F_RDLCK
                                            : F_WRLCK;
    {
        MutexGuard guard(locks_lock);
        for (RecordLock& lock : locks) {
            if (lock.range.owner == &file && lock.range.type == type) return {};
        }
    }
    TRY(set(wanted, F_SETLK));
    wanted.type = type;
    return set(wanted, (operation & LOCK_NB) != 0 ? F_SETLK : F_SETLKW);
}

namespace {

// Drops the owner's locks: on one inode, or (null) all.
void release(const void* owner, const Inode* inode) {
    if (lock_count.load() == 0) return;
    MutexGuard guard(locks_lock);
    for (RecordLock& lock : locks) {
        bool concerned = inode == nullptr || lock.range.inode.get() == inode;
        if (lock.range.owner == owner && concerned) drop(lock);
    }
    lock_released.wake_all();
}

}  // namespace

void release_record_locks(File& file) {
    if (file.inode() != nullptr) release(process_files(current_process()), file.inode());
}

void release_all_record_locks(const ProcessFiles& owner) { release(&owner, nullptr); }
void release_whole_lock(const File& file) { release(&file, nullptr); }
