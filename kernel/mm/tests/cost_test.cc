// What the common operations of floor mm cost, in instructions. The figures are exact only under
// QEMU's -icount shift=0; otherwise QEMU counts something else. Nothing is expected of them here.
#include "base/ktest.h"
#include "cpu/console.h"
#include "cpu/csr.h"
#include "mm/heap.h"
#include "mm/kernel_stack.h"
#include "mm/page_table.h"

namespace {

constexpr unsigned kRounds = 200;

// The average of many rounds, without the loop around them.
template <typename F> void print_cost(const char* what, F operation) {
    operation();
    u64 start = read_csr(instret);
    for (unsigned i = 0; i < kRounds; i++) operation();
    u64 cost = (read_csr(instret) - start) / kRounds;
    kprintf("cost: %-36s %5lu instructions\n", what, cost);
}

void print_frame_costs() {
    print_cost("allocate and release one frame",
               [] { Ref<Frame> frame = allocate_frame(FrameFill::kNone).value(); });
    print_cost("the same, zeroed",
               [] { Ref<Frame> frame = allocate_frame(FrameFill::kZero).value(); });
    static Frame* frames[64];
    print_cost("64 frames, then back", [] {
        for (Frame*& frame : frames) frame = allocate_frame(FrameFill::kNone).value().leak();
        for (Frame* frame : frames) frame->release();
    });
    print_cost("a block of 16 frames, then back", [] { free_frames(*allocate_frames(4), 4); });
}

}  // namespace

KTEST(mm_costs) {
    print_frame_costs();
    print_cost("heap: 64 bytes, then back", [] { heap_free(heap_allocate(64)); });
    print_cost("kernel stack, then back", [] { unmap_kernel_stack(map_kernel_stack().value()); });
    print_cost("page table, then back", [] { PageTable::create().value(); });
    Owned<PageTable> table = PageTable::create().value();
    VirtAddr page(0x1234'5000);
    PageTable& t = *table;
    print_cost("map and unmap a page", [&] {
        t.map(page, PhysAddr(0x1000), PTE_R | PTE_U).value();
        t.unmap(page);
    });
    for (u64 i = 0; i < 1024; i++) {
        t.map(VirtAddr(i * kPageSize), PhysAddr(0x1000), PTE_R | PTE_U).value();
    }
    print_cost("visit 1024 pages", [&] {
        u64 sum = 0;
        t.for_each_in(VirtAddr(0), VirtAddr(kUserEnd),
                      [&](VirtAddr, Pte& pte) { sum += pte.bits; });
        EXPECT(sum != 0);
    });
}
