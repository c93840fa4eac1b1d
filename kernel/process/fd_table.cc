// The table of file descriptors. See fd_table.h. Files are closed, by dropping the last reference,
// only after the lock is released: closing may sleep.
#include "process/fd_table.h"

Result<Ref<FdTable>> FdTable::create() { return make_ref<FdTable>(); }

FdTable::~FdTable() {
    close_all();
    heap_free(slots_);
}

Result<void> FdTable::check_range(int fd) const {
    if (fd < 0 || fd >= limit.load_relaxed()) return Errno{EBADF};
    return {};
}

// Makes the array hold `fd`. Allocates with the lock released; slots only ever grow.
Result<void> FdTable::grow_for(int fd) {
    for (;;) {
        int capacity;
        {
            SpinGuard guard(lock_);
            if (fd < capacity_) return {};
            capacity = max(16, capacity_);
        }
        while (capacity <= fd) capacity *= 2;
        Slot* bigger = static_cast<Slot*>(heap_allocate(sizeof(Slot) * capacity));
        if (bigger == nullptr) return Errno{ENOMEM};
        Slot* unused = bigger;
        {
            SpinGuard guard(lock_);
            if (capacity > capacity_) {
                for (int i = 0; i < capacity; i++) {
                    new (&bigger[i]) Slot();
                    if (i < capacity_) swap(bigger[i], slots_[i]);
                }
                unused = exchange(slots_, bigger);
                capacity_ = capacity;
            }
        }
        heap_free(unused);
    }
}

Result<Ref<FdTable>> FdTable::clone() {
    Ref<FdTable> copy = TRY(create());
    int capacity;
    {
        SpinGuard guard(lock_);
        capacity = capacity_;
    }
    if (capacity > 0) TRY(copy->grow_for(capacity - 1));
    copy->limit.store(limit.load());
    SpinGuard guard(lock_);
    for (int i = 0; i < capacity; i++) copy->slots_[i] = slots_[i];
    copy->lowest_free_ = lowest_free_;
    return copy;
}

Result<Ref<File>> FdTable::get(int fd) {
    SpinGuard guard(lock_);
    if (fd < 0 || fd >= capacity_ || !slots_[fd].file) return Errno{EBADF};
    return slots_[fd].file;
}

Result<int> FdTable::install(Ref<File> file, CloseOnExec close_on_exec, int lowest) {
    if (lowest < 0 || lowest >= limit.load_relaxed()) return Errno{EINVAL};
    for (;;) {
        int fd;
        {
            SpinGuard guard(lock_);
            for (fd = max(lowest, lowest_free_); fd < capacity_ && slots_[fd].file; fd++) {
            }
            if (fd >= limit.load_relaxed()) return Errno{EMFILE};
            if (fd < capacity_) {
                slots_[fd].file = move(file);
                slots_[fd].close_on_exec = close_on_exec == CloseOnExec::kYes;
                if (lowest <= lowest_free_) lowest_free_ = fd + 1;
                return fd;
            }
        }
        TRY(grow_for(fd));
    }
}

Result<void> FdTable::replace(int fd, Ref<File> file, CloseOnExec close_on_exec) {
    TRY(check_range(fd));
    TRY(grow_for(fd));
    {
        SpinGuard guard(lock_);
        swap(slots_[fd].file, file);
        slots_[fd].close_on_exec = close_on_exec == CloseOnExec::kYes;
    }
    return {};  // what was there is closed here, with `file`
}

Result<Ref<File>> FdTable::remove(int fd) {
    SpinGuard guard(lock_);
    if (fd < 0 || fd >= capacity_ || !slots_[fd].file) return Errno{EBADF};
    lowest_free_ = min(lowest_free_, fd);
    return move(slots_[fd].file);
}

Result<CloseOnExec> FdTable::close_on_exec(int fd) {
    SpinGuard guard(lock_);
    if (fd < 0 || fd >= capacity_ || !slots_[fd].file) return Errno{EBADF};
    return slots_[fd].close_on_exec ? CloseOnExec::kYes : CloseOnExec::kNo;
}

Result<void> FdTable::set_close_on_exec(int fd, CloseOnExec value) {
    SpinGuard guard(lock_);
    if (fd < 0 || fd >= capacity_ || !slots_[fd].file) return Errno{EBADF};
    slots_[fd].close_on_exec = value == CloseOnExec::kYes;
    return {};
}

int FdTable::next_in_use(int fd) {
    SpinGuard guard(lock_);
    for (fd = max(fd, 0); fd < capacity_; fd++) {
        if (slots_[fd].file) return fd;
    }
    return -1;
}

void FdTable::close_for_exec() {
    for (int fd = next_in_use(0); fd >= 0; fd = next_in_use(fd + 1)) {
        Result<CloseOnExec> flag = close_on_exec(fd);
        if (flag.ok() && *flag == CloseOnExec::kYes) static_cast<void>(remove(fd));
    }
}

void FdTable::close_all() {
    for (int fd = next_in_use(0); fd >= 0; fd = next_in_use(fd + 1)) static_cast<void>(remove(fd));
}
