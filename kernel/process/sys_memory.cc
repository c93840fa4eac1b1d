// The system calls of memory: brk, mmap, munmap, mprotect, madvise, msync.
#include "process/process.h"
#include "process/syscall.h"

namespace {

constexpr u32 kProtections = PROT_READ | PROT_WRITE | PROT_EXEC;

// What is to be mapped: the pages of a file, shared memory, or (null) zeroes. It corrects `sharing`.
Result<Ref<Pager>> mapping_source(u32 protection, u32 flags, int fd, u64 size, Sharing& sharing) {
    bool shared = sharing == Sharing::kShared;
    if ((flags & MAP_ANONYMOUS) != 0) {
        if (!shared) return Ref<Pager>();
        return make_shared_memory(divide_up(size, kPageSize));
    }
    Ref<File> file = TRY(current_process().files->get(fd));
    if (!file->readable() || (shared && (protection & PROT_WRITE) != 0 && !file->writable())) {
        return Errno{EACCES};
    }
    if (shared && !file->writable()) sharing = Sharing::kSharedForReading;
    return file->pager();
}

}  // namespace

static Result<i64> sys_brk(UserAddress address) {
    return static_cast<i64>(current_process().space->set_break(address).value);
}
SYSCALL(brk);

static Result<i64> sys_mmap(UserAddress address, u64 size, u32 protection, u32 flags, int fd,
                            u64 offset) {
    u32 type = flags & MAP_TYPE;
    if (offset % kPageSize != 0) return Errno{EINVAL};
    if ((flags & MAP_ANONYMOUS) == 0) TRY(current_process().files->get(fd));
    if (size == 0 || (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE)) {
        return Errno{EINVAL};
    }
    if (size > kUserEnd) return Errno{ENOMEM};
    if (offset > ~u64{0} - size) return Errno{EOVERFLOW};
    if ((flags & MAP_ANONYMOUS) != 0) offset = 0;
    Sharing sharing = type == MAP_PRIVATE ? Sharing::kPrivate : Sharing::kShared;
    Ref<Pager> pager = TRY(mapping_source(protection, flags, fd, size, sharing));
    using Placement = AddressSpace::Placement;
    Placement placement = (flags & MAP_FIXED_NOREPLACE) != 0 ? Placement::kNoReplace
                          : (flags & MAP_FIXED) != 0         ? Placement::kFixed
                                                             : Placement::kHint;
    VirtAddr where =
        TRY(current_process().space->map(address, size, protection & kProtections, sharing,
                                         move(pager), offset / kPageSize, placement));
    return static_cast<i64>(where.value);
}
SYSCALL(mmap);

static Result<void> sys_munmap(UserAddress address, u64 size) {
    if (size > kUserEnd || address.value > kUserEnd - size) return Errno{EINVAL};
    return current_process().space->unmap(address, size);
}
SYSCALL(munmap);

static Result<void> sys_mprotect(UserAddress address, u64 size, u32 protection) {
    if ((protection & ~kProtections) != 0) return Errno{EINVAL};
    return current_process().space->protect(address, size, protection);
}
SYSCALL(mprotect);

static Result<void> sys_madvise(UserAddress address, u64 size, u32 advice) {
    constexpr u32 kLast = 25;  // MADV_COLLAPSE
    bool known = advice <= MADV_DONTNEED || (advice >= MADV_FREE && advice <= kLast);
    bool fits = size <= kUserEnd && address.value <= kUserEnd - size;
    if (!known || address.page_offset() != 0 || !fits) return Errno{EINVAL};
    // All other advice may be disregarded.
    bool discards = size != 0 && (advice == MADV_DONTNEED || advice == MADV_FREE);
    return discards ? current_process().space->discard(address, size) : Result<void>();
}
SYSCALL(madvise);

static Result<void> sys_msync(UserAddress address, u64 size, u32 flags) {
    constexpr u32 kKnown = MS_ASYNC | MS_SYNC | MS_INVALIDATE;
    if ((flags & ~kKnown) != 0 || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) ||
        address.page_offset() != 0) {
        return Errno{EINVAL};
    }
    return size == 0 ? Result<void>() : current_process().space->sync(address, size);
}
SYSCALL(msync);
