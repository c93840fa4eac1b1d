// Facts about page tables, by a second, independent walk (entry_for) and by what the hart does.
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/hart.h"
#include "mm/page_table.h"
#include "mm/tests/test_memory.h"

namespace {

// The 64 bits that Sv39 finds for `address`, with the level they stand at; 0 where there are none.
u64 entry_for(PhysAddr root, u64 address, int& level) {
    u64 table = root.value;
    for (level = 2; level >= 0; level--) {
        u64 index = address >> (12 + 9 * level) & 511;
        u64 entry = linear_pointer<u64>(PhysAddr(table))[index];
        if ((entry & 1) == 0 || (entry & 0xe) != 0) return (entry & 1) == 0 ? 0 : entry;
        // A pointer to a table: U, A and D must be clear, as must be the reserved bits above.
        EXPECT((entry & 0xd0) == 0 && entry >> 54 == 0);
        table = (entry >> 10 & ((u64{1} << 44) - 1)) << 12;
    }
    return 0;
}

// Pages that share tables, pages that do not, and both ends of user space.
constexpr unsigned kPages = 96;
VirtAddr page_of_model(unsigned i) {
    constexpr u64 kBases[] = {0,         0x1f'f000,      0x3fff'e000,
                              0x80'0000, 0x12'3456'7000, kUserEnd - 16 * kPageSize};
    return VirtAddr(kBases[i / 16] + i % 16 * kPageSize);
}

struct Model {
    u64 to = 0;
    u64 flags = 0;  // 0: not mapped
};

constexpr u64 kSomeFlags[] = {PTE_R | PTE_U, PTE_R | PTE_W | PTE_U, PTE_R | PTE_X | PTE_U, PTE_X};

void change_one(PageTable& table, Random& random, VirtAddr page, Model& model) {
    u64 flags = kSomeFlags[random.below(array_size(kSomeFlags))];
    switch (random.below(3)) {
    case 0: {
        u64 to = random.below(u64{1} << 44) << kPageShift;
        Result<void> mapped = table.map(page, PhysAddr(to), flags);
        EXPECT_EQ(mapped.error().number, model.flags == 0 ? 0 : EEXIST);
        model = model.flags == 0 ? Model{to, flags} : model;
        break;
    }
    case 1: {
        Pte old = table.unmap(page);
        EXPECT_EQ(old.valid(), model.flags != 0);
        EXPECT(!old.valid() || old.address().value == model.to);
        model = {};
        break;
    }
    default: {
        Result<Pte> old = table.protect(page, flags);
        EXPECT_EQ(old.ok(), model.flags != 0);
        EXPECT(!old.ok() || old->has(model.flags));
        model.flags = model.flags == 0 ? 0 : flags;
    }
    }
}

void check_one(PageTable& table, VirtAddr page, const Model& model) {
    int level;
    u64 entry = entry_for(table.root_address(), page.value, level);
    u64 wanted = model.flags == 0 ? 0 : model.to >> 2 | model.flags | PTE_V | PTE_A | PTE_D;
    EXPECT_EQ(entry, wanted);
    EXPECT_EQ(mapping_of(table, page + 123).bits, wanted);
}

}  // namespace

KTEST(paging_random_changes_match_model) {
    Random random(test_seed());
    FrameCount frames;
    {
        Owned<PageTable> table = PageTable::create().value();
        Array<Model, kPages> model{};
        for (unsigned step = 0; step < 3000; step++) {
            auto i = static_cast<unsigned>(random.below(kPages));
            change_one(*table, random, page_of_model(i), model[i]);
            check_one(*table, page_of_model(i), model[i]);
        }
        unsigned mapped = 0, visited = 0;
        for (unsigned i = 0; i < kPages; i++) {
            check_one(*table, page_of_model(i), model[i]);
            mapped += model[i].flags != 0;
        }
        VirtAddr previous(0);
        table->for_each_in(VirtAddr(0), VirtAddr(kUserEnd), [&](VirtAddr at, Pte& pte) {
            EXPECT(visited == 0 || previous < at);
            EXPECT_EQ(mapping_of(*table, at).bits, pte.bits);
            previous = at;
            visited++;
        });
        EXPECT_EQ(visited, mapped);
    }
    EXPECT(frames.unchanged());
}

KTEST(paging_range_visits_only_the_range) {
    Owned<PageTable> table = PageTable::create().value();
    constexpr u64 kStart = 0x1f'f000, kCount = 1030;  // three lowest tables, two of them in part
    for (u64 i = 0; i < kCount; i++) {
        VirtAddr page(kStart + i * kPageSize);
        EXPECT(table->map(page, PhysAddr(i << kPageShift), PTE_R | PTE_U).ok());
    }
    Random random(test_seed());
    for (unsigned round = 0; round < 50; round++) {
        u64 first = random.below(kCount), last = first + random.below(kCount - first + 1);
        u64 next = first;
        VirtAddr start(kStart + first * kPageSize), end(kStart + last * kPageSize);
        table->for_each_in(start, end, [&](VirtAddr at, Pte& pte) {
            EXPECT_EQ(at.value, kStart + next * kPageSize);
            EXPECT_EQ(pte.address().value, next * kPageSize);
            next++;
        });
        EXPECT_EQ(next, last);
    }
}

KTEST(paging_tables_share_the_kernel_half) {
    Owned<PageTable> table = PageTable::create().value();
    u64* own = linear_pointer<u64>(table->root_address());
    u64* kernel = linear_pointer<u64>(kernel_page_table().root_address());
    for (unsigned i = 0; i < kPtesPerTable; i++) {
        EXPECT_EQ(own[i], i < kPtesPerTable / 2 ? 0 : kernel[i]);
    }
}

KTEST(paging_no_memory_is_an_error) {
    Owned<PageTable> table = PageTable::create().value();
    FrameCount frames;
    Frame* chain = nullptr;
    for (;;) {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone);
        if (!frame.ok()) break;
        frame->get()->next = chain;
        chain = frame->leak();
    }
    EXPECT_EQ(table->map(VirtAddr(0x1000), PhysAddr(0), PTE_R | PTE_U).error().number, ENOMEM);
    EXPECT(table->walk(VirtAddr(0x1000), Walk::kAllocate) == nullptr);
    EXPECT(!PageTable::create().ok());
    while (chain != nullptr) {
        Frame* first = chain;
        chain = first->next;
        first->release();
    }
    EXPECT(frames.unchanged());
}

// A page is mapped elsewhere while the hart still has the old translation: after flush_page it
// sees the new one. (Without U, in the user half: reachable for the kernel.)
KTEST(paging_remapping_is_seen_after_flush) {
    Owned<PageTable> table = PageTable::create().value();
    Ref<Frame> frames[2];
    for (u64 i = 0; i < 2; i++) {
        frames[i] = allocate_frame(FrameFill::kZero).value();
        *linear_pointer<u64>(frames[i]->address()) = i + 100;
    }
    VirtAddr page(0x40'0000);
    auto* word = reinterpret_cast<volatile u64*>(page.value);
    InterruptsOff off;
    u64 old_satp = read_csr(satp);
    EXPECT(table->map(page, frames[0]->address(), PTE_R | PTE_W).ok());
    switch_satp(table->root_address(), 7);
    flush_asid(7);
    EXPECT_EQ(*word, u64{100});
    for (u64 round = 0; round < 20; round++) {
        table->walk(page, Walk::kLookup)
            ->set(Pte::make(frames[round % 2]->address(), PTE_V | PTE_R | PTE_W | PTE_A | PTE_D));
        flush_page(page, 7);
        EXPECT_EQ(*word, round % 2 + 100);
    }
    write_csr(satp, old_satp);
    flush_asid(7);
}
