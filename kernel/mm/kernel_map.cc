// Floor mm's part in the boot story: frames, and then the kernel's own page table, which is turned
// on here. The linear map is made of the largest pages that fit; only around the borders between
// the kernel's sections are they small. Interface: mm/page_table.h, mm/tlb.h.
#include "cpu/console.h"
#include "cpu/hart.h"
#include "cpu/init.h"
#include "mm/buddy.h"
#include "mm/page_table.h"

namespace {

PageTable* kernel_table;

constexpr u64 kCode = PTE_R | PTE_X;
constexpr u64 kConstant = PTE_R;
constexpr u64 kData = PTE_R | PTE_W;

// Maps [from, to) of physical memory, whole pages, at its place in the linear map.
[[maybe_unused]] void map_linear(PhysAddr from, PhysAddr to, u64 flags) {
    while (from < to) {
        unsigned level = 2;
        while (level > 0 &&
               (!from.is_aligned(kPageSize << 9 * level) || to - from < kPageSize << 9 * level)) {
            level--;
        }
        Pte* pte = kernel_table->walk(VirtAddr(from.value + kLinearBase), Walk::kAllocate, level);
        if (pte == nullptr) panic("mm: no memory for the kernel's page table");
        pte->set(Pte::make(from, flags | PTE_V | PTE_G | PTE_A | PTE_D));
        from += kPageSize << 9 * level;
    }
}

// The kernel half of the table that this hart uses now: entry.S's, before there is a better one.
[[maybe_unused]] void copy_current_map() {
    PhysAddr current(read_csr(satp) << kPageShift);
    const usize half = kPageSize / 2;
    memcpy(linear_pointer(kernel_table->root_address()) + half, linear_pointer(current) + half,
           half);
}

// fill_kernel_table: devices and RAM go to the linear map, data readable and writable, the kernel's
// code and constants as their sections need; only the kStackSize bytes below `emergency_stacks` and
// below `boot_stack` stay unmapped, so that an overflow is noticed before it ruins other data.
// BEGIN SOLUTION(paging.kernel_map)
// RAM, with the kernel's sections cut out of it where they lie.
void map_ram(PhysRange ram) {
    const PhysAddr start = physical_address(kernel_start);
    const PhysAddr code_end = physical_address(text_end);
    const PhysAddr constants_end = physical_address(rodata_end);
    const PhysAddr first = ram.start.page_down(), last = ram.end().page_up();
    if (!ram.contains(start)) return map_linear(first, last, kData);
    map_linear(first, start, kData);
    map_linear(start, code_end, kCode);
    map_linear(code_end, constants_end, kConstant);
    const PhysAddr boot = physical_address(boot_stack);
    const PhysAddr emergency = physical_address(emergency_stacks);
    map_linear(constants_end, emergency - kStackSize, kData);
    map_linear(emergency, boot - kStackSize, kData);
    map_linear(boot, last, kData);
}

void fill_kernel_table() {
    PhysAddr lowest_ram(~u64{0});
    for (unsigned i = 0; i < machine().memory_count; i++) {
        map_ram(machine().memory[i]);
        lowest_ram = min(lowest_ram, machine().memory[i].start.page_down());
    }
    // Devices lie below RAM: all of that is theirs.
    map_linear(PhysAddr(0), lowest_ram, kData);
    // Tables made later copy the top-level entries, so that of the stacks has to be there now.
    if (kernel_table->walk(VirtAddr(kStackBase), Walk::kAllocate, 1) == nullptr) {
        panic("mm: no memory for the kernel's page table");
    }
}
// END SOLUTION
// STUB: void fill_kernel_table() {
// STUB:     copy_current_map();
// STUB:     // Tables made later copy the top-level entries, so that of the stacks has to be there now.
// STUB:     if (kernel_table->walk(VirtAddr(kStackBase), Walk::kAllocate, 1) == nullptr) {
// STUB:         panic("mm: no memory for the kernel's page table");
// STUB:     }
// STUB:     kprintf("paging.kernel_map is not there yet: nothing is protected\n");
// STUB: }
// UNTIL: void fill_kernel_table() { copy_current_map(); }

}  // namespace

// Kernels made with SAN=1 have it: maps the shadow of memory, for the sanitizers.
[[gnu::weak]] void map_shadow(PageTable& table);

namespace {

void initialise_memory() {
    const Machine& m = machine();
    initialise_frames({m.memory.items, m.memory_count}, {m.reserved.items, m.reserved_count});
    Ref<Frame> root = allocate_frame(FrameFill::kZero, FrameUse::kPageTable).value();
    kernel_table = make<PageTable>(move(root)).value().release();
    fill_kernel_table();
    if (map_shadow != nullptr) map_shadow(*kernel_table);
    switch_satp(kernel_table->root_address(), 0);
    flush_all();
    satp_for_new_harts = read_csr(satp);  // the others come up on it
    const u64 frames = frame_array.total;
    kprintf("mm: %lu MiB in %lu free page frames\n", frames >> (20 - kPageShift), frames);
}
INIT(Stage::kMemory, initialise_memory);

}  // namespace

PageTable& kernel_page_table() { return *kernel_table; }

void switch_satp(PhysAddr root, u64 asid) {
    // BEGIN SOLUTION(paging.switch_satp)
    write_csr(satp, SATP_MODE_SV39 | asid << SATP_ASID_SHIFT | root.value >> kPageShift);
    // END SOLUTION
    // STUB: kprintf("paging.switch_satp is not there yet (%#lx, %lu)\n", root.value, asid);
    // UNTIL: (void)root, (void)asid;
}
