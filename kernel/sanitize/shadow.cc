// Where the shadow is, and the marks in it. Interface: sanitize/shadow.h.
// Nothing in here is itself checked (sanitize.mk).
#include "sanitize/shadow.h"

#include "cpu/machine.h"
#include "mm/buddy.h"
#include "mm/page_table.h"

extern "C" Pte first_page_table[kPtesPerTable];  // cpu/entry.S

bool shadow_ready = false;
CheckedRange checked_ram, checked_stacks;

namespace {

constexpr u64 kLarge = kPageSize * kPtesPerTable;
constexpr u64 kEntryFlags = PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D;

constexpr unsigned kMaxUnits = 256;  // translation units
struct Unit {
    const GlobalVariable* variables;
    u64 count;
};
Unit units[kMaxUnits];
unsigned unit_count = 0;

// The early shadow: whatever is asked for, it is the same page.
alignas(kPageSize) Pte early_tables[2][kPtesPerTable];
alignas(kPageSize) u8 early_page[kPageSize];

unsigned root_index(u64 address) { return address >> 30 & (kPtesPerTable - 1); }

void map_early_shadow() {
    for (unsigned i = 0; i < kPtesPerTable; i++) {
        early_tables[0][i] = Pte::make(physical_address(early_tables[1]), PTE_V);
        early_tables[1][i] = Pte::make(physical_address(early_page), kEntryFlags);
    }
    first_page_table[root_index(reinterpret_cast<u64>(shadow_of(kLinearBase)))] =
        Pte::make(physical_address(early_tables[0]), PTE_V);
    flush_all();
}

// Gives a range of addresses a shadow of zeroes. The range is a multiple of 8 large pages.
void map_shadow_of(PageTable& table, CheckedRange range) {
    const u64 first = reinterpret_cast<u64>(shadow_of(range.start));
    for (u64 at = first; at < first + range.size / kGranule; at += kLarge) {
        Frame* block = allocate_frames(log2_floor(kPtesPerTable));
        Pte* pte = table.walk(VirtAddr(at), Walk::kAllocate, 1);
        if (block == nullptr || pte == nullptr) panic("sanitizer: no memory for the shadow");
        memset(block->data(), 0, kLarge);
        pte->set(Pte::make(block->address(), kEntryFlags));
    }
    // Until `table` is turned on, the first one leads there; not before all is mapped.
    const unsigned last = root_index(first + range.size / kGranule - 1);
    for (unsigned i = root_index(first); i <= last; i++)
        first_page_table[i] = linear_pointer<Pte>(table.root_address())[i];
}

void poison_free_frames() {
    SpinGuard guard(frame_lock);
    for (unsigned order = 0; order <= kMaxOrder; order++) {
        for (Frame* block = free_lists[order].first; block != nullptr; block = block->next) {
            poison(reinterpret_cast<u64>(block->data()), kPageSize << order, Poison::kFrameFree);
        }
    }
    const FrameCache& cache = frame_caches[0];
    for (u32 i = 0; i < cache.count.load(); i++) {
        poison(reinterpret_cast<u64>(cache.frames[i]->data()), kPageSize, Poison::kFrameFree);
    }
}

}  // namespace

// Stands before kernel_main (sanitize.mk).
extern "C" [[noreturn]] void __real_kernel_main(u64 hart_id, u64 device_tree_address);
extern "C" [[noreturn]] void __wrap_kernel_main(u64 hart_id, u64 device_tree_address) {
    map_early_shadow();
    __real_kernel_main(hart_id, device_tree_address);
}

extern "C" {
typedef void Constructor();
extern Constructor* const sanitizer_constructors_start[];
extern Constructor* const sanitizer_constructors_end[];
}

// Called by floor mm, with the page table that it is about to turn on.
void map_shadow(PageTable& table) {
    u64 end = 0;
    u64 start = ~u64{0};
    for (unsigned i = 0; i < machine().memory_count; i++) {
        start = min(start, machine().memory[i].start.value);
        end = max(end, machine().memory[i].end().value);
    }
    start = align_down(start, kLarge * kGranule);
    checked_ram = {start + kLinearBase, align_up(end - start, kLarge * kGranule)};
    // Two pages of shadow for each stack's slot: 1024 threads for 128 MiB of RAM. All slots are
    // one gigabyte (mm/kernel_stack.cc).
    const u64 stacks = min(checked_ram.size / 2, kLarge * kPtesPerTable);
    checked_stacks = {kStackBase, align_up(stacks, kLarge * kGranule)};
    map_shadow_of(table, checked_ram);
    map_shadow_of(table, checked_stacks);
    flush_all();
    shadow_ready = true;
    poison_free_frames();
    for (Constructor* const* c = sanitizer_constructors_start; c < sanitizer_constructors_end;
         c++) {
        (*c)();
    }
}

void poison(u64 address, usize size, Poison reason) {
    if (!shadow_ready || size == 0) return;
    // A granule of which the first bytes may be used stays so.
    const u64 first = align_up(address, kGranule);
    const u64 end = align_up(address + size, kGranule);
    memset(shadow_of(first), static_cast<u8>(reason), (end - first) / kGranule);
}

void unpoison(u64 address, usize size) {
    if (!shadow_ready) return;
    memset(shadow_of(address), 0, size / kGranule);
    if (size % kGranule != 0) *shadow_of(address + size) = static_cast<u8>(size % kGranule);
}

u64 first_bad_byte(u64 address, usize size) {
    // A length may be a negative number: then everything up to the first bad byte is in the range.
    const u64 end = address + size < address ? ~u64{0} : address + size;
    for (u64 at = address; at < end;) {
        const u64 granule = align_down(at, kGranule);
        const u8 mark = *shadow_of(at);
        if (mark == 0) {
            // Often whole pages are asked for: eight granules at a time.
            const bool all = granule % 64 == 0 && *reinterpret_cast<u64*>(shadow_of(at)) == 0;
            at = granule + (all ? 64 : kGranule);
            continue;
        }
        const u64 good_end = mark < kGranule ? granule + mark : granule;
        if (min(end, granule + kGranule) > good_end) return max(at, good_end);
        at = granule + kGranule;
    }
    return 0;
}

extern "C" {
void __asan_register_globals(const GlobalVariable* variables, u64 count) {
    if (unit_count < kMaxUnits) units[unit_count++] = {variables, count};
    for (u64 i = 0; i < count; i++) {
        const GlobalVariable& v = variables[i];
        unpoison(v.start, v.size);
        const u64 end = align_up(v.start + v.size, kGranule);
        poison(end, v.start + v.size_with_red_zone - end, Poison::kGlobalRedZone);
    }
}
void __asan_unregister_globals(const GlobalVariable*, u64) {}
}

const GlobalVariable* global_near(u64 address) {
    for (const Unit& unit : units) {
        for (u64 i = 0; i < unit.count; i++) {
            const GlobalVariable& v = unit.variables[i];
            if (address - v.start < v.size_with_red_zone) return &v;
        }
    }
    return nullptr;
}
