// What a process sees as memory: areas with a protection and a source of pages, and the page table
// that holds the pages touched so far. Pages come on demand, in faults and in copies by the kernel
// (UserSpan) alike: resolve() serves both.
// Locks: `lock` guards areas and page table; it may be held while a pager reads from a disk.
// Reference: mmap(2); docs/process.md.
#pragma once
#include "abi/mman.h"
#include "mm/page_table.h"
#include "process/area.h"
#include "process/tlb_state.h"
#include "thread/mutex.h"

// Where things lie in the lower half of Sv39 (ABI: as Linux has them).
inline constexpr u64 kMmapMinimum = 0x10000;
inline constexpr u64 kTrampolineAddress = kUserEnd - kPageSize;  // li a7, 139; ecall
inline constexpr u64 kStackTop = kUserEnd - 16 * kPageSize;
inline constexpr u64 kStackLimit = 8 << 20;
inline constexpr u64 kMmapTop = kStackTop - kStackLimit - (64 << 20);

class AddressSpace : public RefCounted {
  public:
    // An empty space with nothing but the sigreturn trampoline mapped. ENOMEM.
    static Result<Ref<AddressSpace>> create();
    // The copy that a child of fork gets. ENOMEM.
    Result<Ref<AddressSpace>> fork();

    // The frame behind `address` (of any alignment), made present and fit for `access`: what a page
    // fault does. EFAULT: nothing is mapped there; EACCES: not for this; ENXIO: the object mapped
    // ends before it or cannot be read; ENOMEM.
    Result<Ref<Frame>> resolve(VirtAddr address, Access access);

    // Copies while the page is held and the space locked, so that a fork cannot share it meanwhile.
    // EFAULT, ENOMEM.
    Result<void> copy_out(VirtAddr to, const void* from, usize size);
    Result<void> copy_in(VirtAddr from, void* to, usize size);
    Result<void> fill_zero(VirtAddr at, usize size);

    // Adds an area. With kFixed whatever was in its range is unmapped first; with kNoReplace
    // EEXIST; else `address` is a hint. Returns where it lies. ENOMEM, EINVAL.
    enum class Placement : u8 { kHint, kFixed, kNoReplace };
    Result<VirtAddr> map(VirtAddr address, u64 size, u32 protection, Sharing sharing,
                         Ref<Pager> pager, u64 page_offset, Placement placement);
    Result<void> unmap(VirtAddr address, u64 size);
    Result<void> protect(VirtAddr address, u64 size, u32 protection);
    // madvise(MADV_DONTNEED): private pages read as new afterwards.
    Result<void> discard(VirtAddr address, u64 size);
    // mremap(2), for whole pages of one area; returns where it lies then. What is at `target`, which
    // counts for kMoveTo, is unmapped first. EFAULT, EINVAL, ENOMEM.
    enum class Growth : u8 { kInPlace, kMayMove, kMoveTo };
    Result<VirtAddr> remap(VirtAddr address, u64 old_size, u64 new_size, Growth growth,
                           VirtAddr target);
    // Writes shared pages of files back: msync(2).
    Result<void> sync(VirtAddr address, u64 size);

    // The heap's end: returns the break, moved to `address` if that can be. Never fails.
    VirtAddr set_break(VirtAddr address);
    void start_break(VirtAddr address) { break_start_ = break_ = address; }

    // Lets go of everything that is mapped, early: at exit, before the object dies.
    void clear();

    PageTable& page_table() { return *table_; }
    TlbState tlb;
    Mutex lock{LockRank::kAddressSpace, "address space"};

    u64 mapped_bytes() {
        MutexGuard guard(lock);
        return areas_.total_bytes();
    }
    u64 resident_pages() const { return resident_pages_.load_relaxed(); }
    // Each area in order, for /proc/PID/maps; `lock` is held.
    const AreaList& areas() const REQUIRES(lock) { return areas_; }

    // The area that holds `address`, or null; `lock` is held.
    const Area* find_area(VirtAddr address) REQUIRES(lock) { return areas_.find(address); }

    // For exec: what the kernel shows in /proc.
    VirtAddr argument_start, argument_end, environment_end;
    u64 break_start() const { return break_start_.value; }

  private:
    template <typename T, typename... Args> friend Result<Ref<T>> make_ref(Args&&... args);
    explicit AddressSpace(Owned<PageTable> table) : table_(move(table)) {}
    ~AddressSpace() override;

    Result<Ref<Frame>> resolve_locked(VirtAddr address, Access access) REQUIRES(lock);
    Result<Ref<Frame>> bring_in(const Area& area, VirtAddr page, Pte& pte, Access access);
    Result<Ref<Frame>> grant(const Area& area, VirtAddr page, Pte& pte, Access access);
    Result<u8*> page_bytes_locked(VirtAddr address, Access access) REQUIRES(lock);
    template <typename F>
    Result<void> for_each_part(VirtAddr at, usize size, Access access, F part);
    Result<Ref<Frame>> copy_on_write(VirtAddr page, Pte& pte, u64 flags);
    Result<void> populate(const Area& area);
    void unmap_pages(VirtAddr start, VirtAddr end);
    Result<void> unmap_locked(VirtAddr start, VirtAddr end) REQUIRES(lock);
    Result<VirtAddr> find_room(VirtAddr hint, u64 size) REQUIRES(lock);
    Result<void> move_pages(VirtAddr from, VirtAddr to, u64 size);
    Result<void> copy_areas_from(const AddressSpace& parent) REQUIRES(parent.lock);
    Result<void> share_pages_from(AddressSpace& parent, const Area& area);

    Owned<PageTable> table_;
    AreaList areas_ GUARDED_BY(lock);
    VirtAddr break_start_, break_;
    Atomic<u64> resident_pages_{0};
};
