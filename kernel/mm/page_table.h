// Sv39 page tables: three levels of 512 entries, from 39-bit virtual to physical addresses.
// Interface: Pte, and PageTable with walk, map, unmap, protect, for_each_in.
// Whoever uses a table locks it; nothing here takes a lock or flushes the TLB (mm/tlb.h). What
// leaves map is the caller's: a table frees the frames of its own tables only. All but walk() work on
// 4 KiB pages.
// Reference: RISC-V Privileged Architecture, 4.4 (Sv39).
#pragma once
#include "base/owned.h"
#include "base/span.h"
#include "mm/frame.h"
#include "mm/tlb.h"

inline constexpr u64 PTE_V = 1 << 0;
inline constexpr u64 PTE_R = 1 << 1;
inline constexpr u64 PTE_W = 1 << 2;
inline constexpr u64 PTE_X = 1 << 3;
inline constexpr u64 PTE_U = 1 << 4;
inline constexpr u64 PTE_G = 1 << 5;
inline constexpr u64 PTE_A = 1 << 6;
inline constexpr u64 PTE_D = 1 << 7;
inline constexpr u64 kPteFlags = 0x3ff;
inline constexpr unsigned kPtesPerTable = 512;

// One entry: bits 53…10 are the physical page number. Valid without R, W, X: points to a table.
struct Pte {
    u64 bits = 0;

    static constexpr Pte make(PhysAddr address, u64 flags) {
        return Pte{address.value >> kPageShift << 10 | flags};
    }
    constexpr bool valid() const { return (bits & PTE_V) != 0; }
    constexpr bool is_leaf() const { return (bits & (PTE_R | PTE_W | PTE_X)) != 0; }
    constexpr bool has(u64 flags) const { return (bits & flags) == flags; }
    constexpr u64 flags() const { return bits & kPteFlags; }
    constexpr PhysAddr address() const { return PhysAddr(bits >> 10 << kPageShift); }
    Frame* frame() const { return frame_at(address()); }

    // Changes the entry in one piece, after all that was written before: another hart may be
    // walking. (As a fence and a store; GCC would make an atomic store a swap.)
    void set(Pte other) {
        __atomic_thread_fence(__ATOMIC_RELEASE);
        *const_cast<volatile u64*>(&bits) = other.bits;
    }
    void clear() { set(Pte{}); }
};
static_assert(sizeof(Pte) == 8);

enum class Walk : u8 { kLookup, kAllocate };

class PageTable : Immovable {
  public:
    // An empty user half; the kernel half is that of all tables.
    static Result<Owned<PageTable>> create();
    // Frees the frames of the user half's tables. No hart translates by this table any more.
    ~PageTable();

    PhysAddr root_address() const { return root_->address(); }

    // The entry for `address` at `level` (0: 4 KiB, 1: 2 MiB, 2: 1 GiB). kLookup: null where a
    // table on the way is missing. kAllocate adds missing tables; null means no memory. Either
    // gives null where a larger page is in the way. Entries after it are those of the following
    // pages, to the end of the table.
    Pte* walk(VirtAddr address, Walk mode, unsigned level = 0);

    // Maps one page; V, A and D are always set. EEXIST where something is mapped, ENOMEM.
    Result<void> map(VirtAddr address, PhysAddr to, u64 flags);
    // Removes a mapping and returns it (not valid where there was none).
    Pte unmap(VirtAddr address);
    // Gives a mapped page other R, W, X, U; returns the entry before, or ENOENT.
    Result<Pte> protect(VirtAddr address, u64 flags);

    // A run of entries in one lowest table, for the pages from `start` on.
    struct Run {
        VirtAddr start;
        Span<Pte> ptes;
    };
    // The first run in [from, end) for which there is a table, cut to that range; empty where
    // there is none. The next is found from run.start + run.ptes.size() pages on.
    Run next_run(VirtAddr from, VirtAddr end);

    // Calls visit(VirtAddr, Pte&) for each entry in [start, end) that is not 0; it may change the
    // entry. Missing tables are skipped as a whole.
    template <typename F> void for_each_in(VirtAddr start, VirtAddr end, F visit) {
        for (VirtAddr at = start; at < end;) {
            Run run = next_run(at, end);
            if (run.ptes.empty()) return;
            at = run.start;
            for (Pte& pte : run.ptes) {
                if (pte.bits != 0) visit(at, pte);
                at += kPageSize;
            }
        }
    }

    // Made by create(); public for make() and the kernel's own.
    explicit PageTable(Ref<Frame> root) : root_(move(root)) {}

  private:
    Pte* root() const { return linear_pointer<Pte>(root_address()); }
    // Frees the tables below the first `count` entries of `table`, which is one of `level`.
    static void free_tables(Pte* table, unsigned level, unsigned count);

    Ref<Frame> root_;
};

// The kernel's own table, whose upper half all address spaces share: the linear map of devices and
// RAM with proper permissions, and the kernel stacks. No page is both writable and executable. The
// top-level entries of the kernel half never change after boot, so tables made later agree. For
// harts and threads without an address space; nothing is mapped in its user half.
PageTable& kernel_page_table();
