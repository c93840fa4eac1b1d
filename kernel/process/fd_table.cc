// The table of file descriptors. See fd_table.h. Files are closed, by dropping the last reference,
// only after the lock is released: closing may sleep.
#include "process/process.h"

// Makes the chunk that holds slot `fd`, which is below kMaxDescriptors.
Result<void> FdTable::make_slot(int fd) {
    {
        SpinGuard guard(lock_);
        if (slot(fd) != nullptr) return {};
    }
    Owned<Chunk> chunk = TRY(make<Chunk>());
    SpinGuard guard(lock_);
    if (slot(fd) == nullptr) chunks_[fd / kChunkSize] = move(chunk);
    return {};
}

// The slot of a number, or null where its chunk has not been made or it is out of range.
FdTable::Slot* FdTable::slot(int fd) {
    if (fd < 0 || fd >= kMaxDescriptors || !chunks_[fd / kChunkSize]) return nullptr;
    return &(*chunks_[fd / kChunkSize])[fd % kChunkSize];
}

Result<FdTable::Slot*> FdTable::used_slot(int fd) {
    Slot* found = slot(fd);
    return found != nullptr && found->file ? Result<Slot*>(found) : Errno{EBADF};
}

// Chunks once made stay, and nobody else has the copy yet: only the slots need the lock.
Result<Ref<FdTable>> FdTable::clone() NO_THREAD_SAFETY_ANALYSIS {
    Ref<FdTable> copy = TRY(create());
    for (usize i = 0; i < array_size(chunks_); i++) {
        if (chunks_[i]) copy->chunks_[i] = TRY(make<Chunk>());
    }
    copy->limit.store(limit.load());
    SpinGuard guard(lock_);
    for (usize i = 0; i < array_size(chunks_); i++) {
        if (copy->chunks_[i]) *copy->chunks_[i] = *chunks_[i];
    }
    copy->lowest_free_ = lowest_free_;
    return copy;
}

Result<Ref<File>> FdTable::get(int fd) {
    SpinGuard guard(lock_);
    return TRY(used_slot(fd))->file;
}

Result<int> FdTable::install(Ref<File> file, CloseOnExec close_on_exec, int lowest) {
    if (lowest < 0 || lowest >= limit.load_relaxed()) return Errno{EINVAL};
    for (;;) {
        int fd;
        {
            SpinGuard guard(lock_);
            for (fd = max(lowest, lowest_free_); used_slot(fd).ok();) fd++;
            if (fd >= limit.load_relaxed()) return Errno{EMFILE};
            if (Slot* free = slot(fd)) {
                *free = {move(file), close_on_exec};
                if (lowest <= lowest_free_) lowest_free_ = fd + 1;
                return fd;
            }
        }
        TRY(make_slot(fd));
    }
}

Result<void> FdTable::replace(int fd, Ref<File> file, CloseOnExec close_on_exec) {
    if (fd < 0 || fd >= limit.load_relaxed()) return Errno{EBADF};
    TRY(make_slot(fd));
    {
        SpinGuard guard(lock_);
        swap(slot(fd)->file, file);
        slot(fd)->close_on_exec = close_on_exec;
    }
    if (file) process_hooks.descriptor_closed(*file);  // what was there
    return {};
}

Result<Ref<File>> FdTable::remove(int fd) {
    SpinGuard guard(lock_);
    Slot* slot = TRY(used_slot(fd));
    lowest_free_ = min(lowest_free_, fd);
    return move(slot->file);
}

Result<void> FdTable::close(int fd) {
    Ref<File> file = TRY(remove(fd));
    process_hooks.descriptor_closed(*file);
    return {};
}

Result<CloseOnExec> FdTable::close_on_exec(int fd) {
    SpinGuard guard(lock_);
    return TRY(used_slot(fd))->close_on_exec;
}

Result<void> FdTable::set_close_on_exec(int fd, CloseOnExec value) {
    SpinGuard guard(lock_);
    TRY(used_slot(fd))->close_on_exec = value;
    return {};
}

int FdTable::next_in_use(int fd) {
    SpinGuard guard(lock_);
    for (fd = max(fd, 0); fd < kMaxDescriptors; fd++) {
        if (used_slot(fd).ok()) return fd;
        if (slot(fd) == nullptr) fd |= kChunkSize - 1;  // on to the next chunk
    }
    return -1;
}

void FdTable::close_for_exec() {
    for (int fd = next_in_use(0); fd >= 0; fd = next_in_use(fd + 1)) {
        if (close_on_exec(fd).value() == CloseOnExec::kYes) (void) close(fd);
    }
}

void FdTable::close_all() {
    for (int fd = next_in_use(0); fd >= 0; fd = next_in_use(fd + 1)) static_cast<void>(remove(fd));
}
