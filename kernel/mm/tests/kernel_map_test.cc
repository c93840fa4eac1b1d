// Facts about the kernel's own page table: what it says, and that the hart keeps to it.
#include "base/ktest.h"
#include "cpu/csr.h"
#include "cpu/machine.h"
#include "cpu/trap.h"
#include "mm/kernel_stack.h"
#include "mm/tests/test_memory.h"

namespace {

Pte kernel_pte(const void* address) {
    return mapping_of(kernel_page_table(), VirtAddr(reinterpret_cast<u64>(address)));
}

// Whether `at` lies in the guard below one of entry.S's stacks (cpu/layout.h).
bool is_guard(const char* at) {
    auto below = [at](const char* stack) { return at < stack && stack - at <= i64{kStackSize}; };
    return below(boot_stack) || below(emergency_stacks);
}

// Checks every leaf below `table` and counts the bytes they map.
u64 check_leaves(const Pte* table, unsigned level) {
    u64 bytes = 0;
    for (unsigned i = 0; i < kPtesPerTable; i++) {
        Pte pte = table[i];
        if (!pte.valid()) continue;
        EXPECT(!pte.has(PTE_U));
        if (!pte.is_leaf()) {
            ASSERT(level > 0);
            bytes += check_leaves(linear_pointer<Pte>(pte.address()), level - 1);
            continue;
        }
        EXPECT(pte.has(PTE_R | PTE_G | PTE_A | PTE_D));
        EXPECT(!pte.has(PTE_W | PTE_X));
        EXPECT(pte.address().is_aligned(kPageSize << 9 * level));
        bytes += kPageSize << 9 * level;
    }
    return bytes;
}

u64 expected_cause, seen_cause, seen_value;

// Notes an expected page fault and goes on at the return address of the function that caused it.
bool note_fault(TrapFrame& frame) {
    if (frame.scause != expected_cause) return false;
    seen_cause = frame.scause;
    seen_value = frame.stval;
    frame.sepc = frame.ra;
    return true;
}

// Accesses at `address`, out of line so that returning to ra skips only them.
[[gnu::noinline, gnu::naked]] void store_to(const void*) { asm volatile("sd zero, 0(a0)\n ret"); }
[[gnu::noinline, gnu::naked]] void load_from(const void*) { asm volatile("ld zero, 0(a0)\n ret"); }
[[gnu::noinline, gnu::naked]] void jump_to(const void*) { asm volatile("jr a0"); }

void expect_fault(u64 cause, void (*access)(const void*), const void* address) {
    auto old_hook = exchange(trap_hooks.kernel_exception, note_fault);
    expected_cause = cause;
    seen_cause = seen_value = 0;
    access(address);
    trap_hooks.kernel_exception = old_hook;
    EXPECT_EQ(seen_cause, cause);
    EXPECT_EQ(seen_value, reinterpret_cast<u64>(address));
}

constexpr u64 kSomeConstant = 0x00008067;  // would be a `ret`, if it could be executed
u64 some_variable = 0x00008067;

}  // namespace

KTEST(paging_kernel_map_never_writable_and_executable) {
    const Pte* root = linear_pointer<Pte>(kernel_page_table().root_address());
    for (unsigned i = 0; i < kPtesPerTable / 2; i++) EXPECT_EQ(root[i].bits, u64{0});
    EXPECT(check_leaves(root, 2) > 0);
}

KTEST(paging_kernel_sections_have_their_permissions) {
    for (char* at = kernel_start; at < kernel_end; at += kPageSize) {
        u64 wanted = at < text_end ? PTE_R | PTE_X : at < rodata_end ? PTE_R : PTE_R | PTE_W;
        Pte pte = kernel_pte(at);
        EXPECT_EQ(pte.valid(), !is_guard(at));
        if (is_guard(at)) continue;
        EXPECT_EQ(pte.flags() & (PTE_R | PTE_W | PTE_X | PTE_U), wanted);
        EXPECT(pte.address() == physical_address(at));
    }
}

KTEST(paging_all_ram_is_in_the_linear_map) {
    for (unsigned i = 0; i < machine().memory_count; i++) {
        PhysRange ram = machine().memory[i];
        for (u64 at = 0; at < ram.size; at += kPageSize * 64) {
            PhysAddr address = ram.start + at;
            bool found = kernel_pte(linear_pointer(address)).address() == address.page_down();
            EXPECT(found || is_guard(linear_pointer<char>(address)));
        }
        EXPECT(kernel_pte(linear_pointer(ram.end()) - 1).has(PTE_R));
    }
}

KTEST(paging_kernel_faults_where_it_should) {
    expect_fault(kStorePageFault, store_to, reinterpret_cast<void*>(kernel_start));
    expect_fault(kStorePageFault, store_to, &kSomeConstant);
    expect_fault(kInstructionPageFault, jump_to, &kSomeConstant);
    expect_fault(kInstructionPageFault, jump_to, &some_variable);
    expect_fault(kLoadPageFault, load_from, nullptr);
    u64 top = map_kernel_stack().value();
    expect_fault(kLoadPageFault, load_from, reinterpret_cast<void*>(top - kStackSize - 8));
    expect_fault(kStorePageFault, store_to, reinterpret_cast<void*>(top - kStackSize - 8));
    unmap_kernel_stack(top);
}
