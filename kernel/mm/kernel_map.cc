// Building the kernel's page table and turning it on. Interface: mm/kernel_map.h.
// The linear map is made of the largest pages that fit; only around the borders between the
// kernel's sections are they small.
#include "mm/kernel_map.h"

#include "cpu/console.h"
#include "cpu/hart.h"
#include "cpu/machine.h"

namespace {

PageTable* kernel_table;

constexpr u64 kCode = PTE_R | PTE_X;
constexpr u64 kConstant = PTE_R;
constexpr u64 kData = PTE_R | PTE_W;

// Maps [from, to) of physical memory, whole pages, at its place in the linear map.
[[maybe_unused]] void map_linear(PageTable& table, PhysAddr from, PhysAddr to, u64 flags) {
    while (from < to) {
        unsigned level = 2;
        while (!from.is_aligned(kPageSize << 9 * level) || to - from < kPageSize << 9 * level) {
            level--;
        }
        Pte* pte = table.walk(VirtAddr(from.value + kLinearBase), Walk::kAllocate, level);
        if (pte == nullptr) panic("mm: no memory for the kernel's page table");
        pte->set(Pte::make(from, flags | PTE_V | PTE_G | PTE_A | PTE_D));
        from += kPageSize << 9 * level;
    }
}

// Devices lie below RAM: all of that is theirs.
[[maybe_unused]] PhysAddr lowest_ram() {
    PhysAddr lowest(~u64{0});
    for (unsigned i = 0; i < machine().memory_count; i++) {
        lowest = min(lowest, machine().memory[i].start.page_down());
    }
    return lowest;
}

// The kernel half of the table that this hart uses now: entry.S's, before there is a better one.
[[maybe_unused]] void copy_current_map(PageTable& table) {
    PhysAddr current(read_csr(satp) << kPageShift);
    const usize half = kPageSize / 2;
    memcpy(linear_pointer(table.root_address()) + half, linear_pointer(current) + half, half);
}

// BEGIN SOLUTION(paging.kernel_map)
// RAM, with the kernel's sections cut out of it where they lie.
void map_ram(PageTable& table, PhysRange ram) {
    const PhysAddr start = physical_address(kernel_start);
    const PhysAddr code_end = physical_address(text_end);
    const PhysAddr constants_end = physical_address(rodata_end);
    const PhysAddr first = ram.start.page_down(), last = ram.end().page_up();
    if (!ram.contains(start)) {
        map_linear(table, first, last, kData);
        return;
    }
    map_linear(table, first, start, kData);
    map_linear(table, start, code_end, kCode);
    map_linear(table, code_end, constants_end, kConstant);
    map_linear(table, constants_end, last, kData);
}

void fill_kernel_table(PageTable& table) {
    map_linear(table, PhysAddr(0), lowest_ram(), kData);
    for (unsigned i = 0; i < machine().memory_count; i++) map_ram(table, machine().memory[i]);
    // Tables made later copy the top-level entries, so that of the stacks has to be there now.
    if (table.walk(VirtAddr(kStackBase), Walk::kAllocate, 1) == nullptr) {
        panic("mm: no memory for the kernel's page table");
    }
}
// END SOLUTION
// STUB: void fill_kernel_table(PageTable& table) {
// STUB:     kprintf("paging.kernel_map: yours to write; until then nothing is protected\n");
// STUB:     copy_current_map(table);
// STUB: }
// UNTIL: void fill_kernel_table(PageTable& table) { copy_current_map(table); }

}  // namespace

PageTable& kernel_page_table() {
    ASSERT(kernel_table != nullptr);
    return *kernel_table;
}

void initialise_kernel_map() {
    Result<Ref<Frame>> root = allocate_frame(FrameFill::kZero, FrameUse::kPageTable);
    Result<Owned<PageTable>> table = make<PageTable>(move(root).value());
    kernel_table = table.value().release();
    fill_kernel_table(*kernel_table);
    switch_satp(kernel_table->root_address(), 0);
    flush_all();
    satp_for_new_harts = read_csr(satp);
}
