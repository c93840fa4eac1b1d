// Locks on ranges of files. See record_lock.h.
// They are few and short-lived, so one list holds all of them, under one mutex.
#include "io/record_lock.h"

#include "io/process_files.h"
#include "thread/mutex.h"
#include "thread/wait.h"

namespace {

struct RecordLock {
    ListNode node;
    Ref<Inode> inode;
    const ProcessFiles* owner;
    i32 pid;   // the owner's
    i16 type;  // F_RDLCK or F_WRLCK
    u64 start;
    u64 end;  // first byte not locked; kToTheEnd for all that ever will be

    bool overlaps(u64 other_start, u64 other_end) const {
        return start < other_end && other_start < end;
    }
};

constexpr u64 kToTheEnd = ~u64{0} >> 1;

constinit Mutex locks_lock(LockRank::kRecordLocks, "record locks");
constinit List<RecordLock, &RecordLock::node> locks;
constinit WaitQueue lock_released;
constinit Atomic<u32> lock_count{0};

// The lock of another process that keeps `wanted` from being set, or null.
RecordLock* find_conflict(const RecordLock& wanted) {
    for (RecordLock& lock : locks) {
        bool both_read = lock.type == F_RDLCK && wanted.type == F_RDLCK;
        if (lock.inode == wanted.inode && lock.owner != wanted.owner && !both_read &&
            lock.overlaps(wanted.start, wanted.end)) {
            return &lock;
        }
    }
    return nullptr;
}

Result<Owned<RecordLock>> copy_of(const RecordLock& from) {
    Owned<RecordLock> copy = TRY(make<RecordLock>());
    copy->inode = from.inode;
    copy->owner = from.owner;
    copy->pid = from.pid;
    copy->type = from.type;
    copy->start = from.start;
    copy->end = from.end;
    return copy;
}

void drop(RecordLock& lock) {
    locks.remove(lock);
    lock_count.fetch_sub(1);
    delete &lock;
}

void add(Owned<RecordLock> lock) {
    lock_count.fetch_add(1);
    locks.push_back(*lock.release());
}

// Takes the owner's locks out of the range; what sticks out on either side stays.
Result<void> cut_out(const RecordLock& range) {
    for (RecordLock& lock : locks) {
        if (lock.inode != range.inode || lock.owner != range.owner ||
            !lock.overlaps(range.start, range.end)) {
            continue;
        }
        if (lock.end > range.end) {
            Owned<RecordLock> right = TRY(copy_of(lock));
            right->start = range.end;
            add(move(right));
        }
        if (lock.start < range.start) {
            lock.end = range.start;
        } else {
            drop(lock);
        }
    }
    return {};
}

Result<void> set(RecordLock& wanted, int command) {
    MutexGuard guard(locks_lock);
    if (wanted.type != F_UNLCK) {
        if (command == F_SETLK && find_conflict(wanted) != nullptr) return Errno{EAGAIN};
        TRY(wait_until_interruptible(lock_released, locks_lock,
                                     [&] { return find_conflict(wanted) == nullptr; }));
    }
    Owned<RecordLock> lock = TRY(copy_of(wanted));
    TRY(cut_out(wanted));
    if (wanted.type != F_UNLCK) add(move(lock));
    lock_released.wake_all();
    return {};
}

// The range of a struct flock in bytes from the file's start.
Result<void> find_range(File& file, const struct flock& from, RecordLock& range) {
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
void report_conflict(const RecordLock& wanted, struct flock& request) {
    MutexGuard guard(locks_lock);
    RecordLock* conflict = find_conflict(wanted);
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

Result<i64> record_lock(File& file, int command, UserAddress argument) {
    if (file.inode() == nullptr) return Errno{EBADF};
    struct flock request = TRY(UserIn<struct flock>(argument).read());
    RecordLock wanted = {.node = {},
                         .inode = Ref<Inode>(*file.inode()),
                         .owner = process_files(current_process()),
                         .pid = current_process().pid,
                         .type = request.l_type,
                         .start = 0,
                         .end = 0};
    if (wanted.type != F_RDLCK && wanted.type != F_WRLCK && wanted.type != F_UNLCK) {
        return Errno{EINVAL};
    }
    TRY(find_range(file, request, wanted));
    if (command == F_GETLK) {
        report_conflict(wanted, request);
        TRY(UserOut<struct flock>(argument).write(request));
        return 0;
    }
    if ((wanted.type == F_RDLCK && !file.readable()) ||
        (wanted.type == F_WRLCK && !file.writable())) {
        return Errno{EBADF};
    }
    TRY(set(wanted, command));
    return 0;
}

namespace {

// Drops the owner's locks: on one inode, or (null) all.
void release(const ProcessFiles& owner, const Inode* inode) {
    if (lock_count.load() == 0) return;
    MutexGuard guard(locks_lock);
    for (RecordLock& lock : locks) {
        if (lock.owner == &owner && (inode == nullptr || lock.inode.get() == inode)) drop(lock);
    }
    lock_released.wake_all();
}

}  // namespace

void release_record_locks(File& file) {
    if (file.inode() != nullptr) release(*process_files(current_process()), file.inode());
}

void release_all_record_locks(const ProcessFiles& owner) { release(owner, nullptr); }
