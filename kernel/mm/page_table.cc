// The table walk and what is built on it. Interface, locks and flushing: mm/page_table.h.
// A 39-bit address is three indices of 9 bits and a 12-bit offset; bit 38 repeats above, so the
// upper half of the 512 root entries is the kernel's.
#include "mm/page_table.h"

namespace {

constexpr unsigned kRootLevel = 2;
constexpr unsigned kUserRootPtes = kPtesPerTable / 2;

constexpr u64 bytes_mapped(unsigned level) { return kPageSize << 9 * level; }

constexpr unsigned index_at(VirtAddr address, unsigned level) {
    return address.value >> (kPageShift + 9 * level) & (kPtesPerTable - 1);
}

// Where the addresses of an entry of `level` end that has `address`.
constexpr VirtAddr end_of_entry(VirtAddr address, unsigned level) {
    return VirtAddr(align_down(address.value, bytes_mapped(level)) + bytes_mapped(level));
}

inline Pte* table_below(Pte pte) { return linear_pointer<Pte>(pte.address()); }

constexpr u64 kProtection = PTE_R | PTE_W | PTE_X | PTE_U;
// A and D are set from the start, so that no hart needs to: some trap instead of setting them.
constexpr u64 kAlwaysSet = PTE_V | PTE_A | PTE_D;

// Writable without readable is reserved (4.3.1), and a leaf needs some permission at all.
constexpr bool is_leaf_protection(u64 flags) {
    return (flags & (PTE_R | PTE_X)) != 0 && ((flags & PTE_W) == 0 || (flags & PTE_R) != 0);
}

}  // namespace

Result<Owned<PageTable>> PageTable::create() {
    Ref<Frame> root = TRY(allocate_frame(FrameFill::kNone, FrameUse::kPageTable));
    const usize half = kPageSize / 2;
    memset(root->data(), 0, half);
    memcpy(root->data() + half, kernel_page_table().root_->data() + half, half);
    return make<PageTable>(move(root));
}

PageTable::~PageTable() { free_tables(root(), kRootLevel, kUserRootPtes); }

void PageTable::free_tables(Pte* table, unsigned level, unsigned count) {
    // BEGIN SOLUTION(paging.free_table)
    for (unsigned i = 0; i < count; i++) {
        Pte pte = table[i];
        if (!pte.valid() || pte.is_leaf()) continue;
        // What a table of the lowest level points to are pages, which are not ours.
        if (level > 1) free_tables(table_below(pte), level - 1, kPtesPerTable);
        pte.frame()->release();
    }
    // END SOLUTION
    // STUB: panic("paging.free_table: yours to write (%p, %u, %u)", table, level, count);
    // UNTIL: panic("page tables come later (%p, %u, %u)", table, level, count);
}

Pte* PageTable::walk(VirtAddr address, Walk mode, unsigned level) {
    // BEGIN SOLUTION(paging.walk)
    Pte* table = root();
    for (unsigned at = kRootLevel; at > level; at--) {
        Pte& pte = table[index_at(address, at)];
        if (!pte.valid()) {
            if (mode == Walk::kLookup) return nullptr;
            Result<Ref<Frame>> frame = allocate_frame(FrameFill::kZero, FrameUse::kPageTable);
            if (!frame.ok()) return nullptr;
            // V alone: with R, W or X it would be a leaf, and U, A, D are reserved here.
            pte.set(Pte::make(frame->leak()->address(), PTE_V));
        } else if (pte.is_leaf()) {
            return nullptr;
        }
        table = table_below(pte);
    }
    return &table[index_at(address, level)];
    // END SOLUTION
    // STUB: panic("paging.walk: yours to write (%#lx, %d, %u)", address.value, int(mode), level);
    // UNTIL: panic("page tables come later (%#lx, %d, %u)", address.value, int(mode), level);
}

Result<void> PageTable::map(VirtAddr address, PhysAddr to, u64 flags) {
    ASSERT(address.is_aligned(kPageSize) && to.is_aligned(kPageSize) && is_leaf_protection(flags));
    // BEGIN SOLUTION(paging.map)
    Pte* pte = walk(address, Walk::kAllocate);
    if (pte == nullptr) return Errno{ENOMEM};
    if (pte->valid()) return Errno{EEXIST};
    pte->set(Pte::make(to, flags | kAlwaysSet));
    return {};
    // END SOLUTION
    // STUB: panic("paging.map: yours to write");
    // UNTIL: panic("page tables come later");
}

Pte PageTable::unmap(VirtAddr address) {
    ASSERT(address.is_aligned(kPageSize));
    // BEGIN SOLUTION(paging.unmap)
    Pte* pte = walk(address, Walk::kLookup);
    if (pte == nullptr) return Pte{};
    Pte old = *pte;
    pte->clear();
    return old;
    // END SOLUTION
    // STUB: panic("paging.unmap: yours to write");
    // UNTIL: panic("page tables come later");
}

Result<Pte> PageTable::protect(VirtAddr address, u64 flags) {
    ASSERT(address.is_aligned(kPageSize) && is_leaf_protection(flags));
    // BEGIN SOLUTION(paging.protect)
    Pte* pte = walk(address, Walk::kLookup);
    if (pte == nullptr || !pte->valid()) return Errno{ENOENT};
    Pte old = *pte;
    pte->set(Pte{(old.bits & ~kProtection) | (flags & kProtection)});
    return old;
    // END SOLUTION
    // STUB: panic("paging.protect: yours to write");
    // UNTIL: panic("page tables come later");
}

PageTable::Run PageTable::next_run(VirtAddr from, VirtAddr end) {
    ASSERT(from.is_aligned(kPageSize) && end.is_aligned(kPageSize) && end.value <= kUserEnd);
    Pte* const tops = root();
    for (; from < end; from = end_of_entry(from, 2)) {
        if (!tops[index_at(from, 2)].valid()) continue;
        Pte* const table = table_below(tops[index_at(from, 2)]);
        const unsigned last =
            end_of_entry(from, 2) < end ? kPtesPerTable - 1 : index_at(end - 1, 1);
        for (unsigned i = index_at(from, 1); i <= last; i++) {
            if (!table[i].valid()) continue;
            const VirtAddr entry(align_down(from.value, bytes_mapped(2)) + i * bytes_mapped(1));
            const VirtAddr start = max(from, entry);
            Pte* ptes = table_below(table[i]) + index_at(start, 0);
            return {start, {ptes, (min(end_of_entry(start, 1), end) - start) >> kPageShift}};
        }
    }
    return {};
}
