// Facts about address spaces, seen from a kernel thread: the areas, and the pages behind them.
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/machine.h"
#include "process/address_space.h"

namespace {

using Placement = AddressSpace::Placement;

constexpr VirtAddr kHere(0x10'0000);
constexpr u32 kReadWrite = PROT_READ | PROT_WRITE;

bool map_at(AddressSpace& space, VirtAddr at, u64 pages, u32 protection = kReadWrite) {
    return space
        .map(at, pages * kPageSize, protection, Sharing::kPrivate, nullptr, 0, Placement::kFixed)
        .ok();
}

u64 word_at(AddressSpace& space, VirtAddr at) {
    u64 word = ~u64{0};
    EXPECT(space.copy_in(at, &word, sizeof word).ok());
    return word;
}

bool write_word(AddressSpace& space, VirtAddr at, u64 word) {
    return space.copy_out(at, &word, sizeof word).ok();
}

usize area_count(AddressSpace& space) NO_THREAD_SAFETY_ANALYSIS { return space.areas().size(); }

}  // namespace

KTEST(process_space_gives_all_frames_back) {
    u64 before = memory_stats().used[static_cast<unsigned>(FrameUse::kUser)];
    {
        Result<Ref<AddressSpace>> space = AddressSpace::create();
        EXPECT(space.ok() && map_at(**space, kHere, 100));
        for (u64 page = 0; page < 100; page += 3) {
            EXPECT(write_word(**space, kHere + page * kPageSize, page));
        }
        EXPECT_EQ(memory_stats().used[static_cast<unsigned>(FrameUse::kUser)], before + 34);
    }
    EXPECT_EQ(memory_stats().used[static_cast<unsigned>(FrameUse::kUser)], before);
}

KTEST(process_fork_shares_until_one_writes) {
    Result<Ref<AddressSpace>> parent = AddressSpace::create();
    EXPECT(parent.ok() && map_at(**parent, kHere, 4));
    EXPECT(write_word(**parent, kHere, 1) && write_word(**parent, kHere + kPageSize, 2));
    u64 before = memory_stats().used[static_cast<unsigned>(FrameUse::kUser)];
    Result<Ref<AddressSpace>> child = (*parent)->fork();
    EXPECT(child.ok());
    EXPECT_EQ(memory_stats().used[static_cast<unsigned>(FrameUse::kUser)], before);
    EXPECT(write_word(**child, kHere, 10) && write_word(**parent, kHere + kPageSize, 20));
    EXPECT_EQ(word_at(**parent, kHere), u64{1});
    EXPECT_EQ(word_at(**child, kHere), u64{10});
    EXPECT_EQ(word_at(**parent, kHere + kPageSize), u64{20});
    EXPECT_EQ(word_at(**child, kHere + kPageSize), u64{2});
    EXPECT_EQ(memory_stats().used[static_cast<unsigned>(FrameUse::kUser)], before + 2);
}

KTEST(process_unmap_cuts_areas_and_merging_heals_them) {
    Result<Ref<AddressSpace>> made = AddressSpace::create();
    AddressSpace& space = **made;
    usize before = area_count(space);
    EXPECT(map_at(space, kHere, 10));
    EXPECT(space.unmap(kHere + 4 * kPageSize, 2 * kPageSize).ok());
    EXPECT_EQ(area_count(space), before + 2);
    EXPECT(!write_word(space, kHere + 5 * kPageSize, 1));
    EXPECT(!write_word(space, kHere + 4 * kPageSize - 4, 1));  // its second half is not there
    EXPECT(map_at(space, kHere + 4 * kPageSize, 2));
    EXPECT_EQ(area_count(space), before + 1);
    EXPECT(space.protect(kHere + kPageSize, kPageSize, PROT_READ).ok());
    EXPECT_EQ(area_count(space), before + 3);
    EXPECT(!write_word(space, kHere + kPageSize, 1) && write_word(space, kHere, 1));
    EXPECT(space.protect(kHere + kPageSize, kPageSize, kReadWrite).ok());
    EXPECT_EQ(area_count(space), before + 1);
}

KTEST(process_addresses_out_of_user_space_are_refused) {
    Result<Ref<AddressSpace>> made = AddressSpace::create();
    AddressSpace& space = **made;
    u64 word = 0;
    const u64 kBad[] = {0, kUserEnd, kUserEnd - 4, ~u64{0} - 3, kLinearBase + 0x8040'0000};
    for (u64 bad : kBad) {
        EXPECT(!space.copy_in(VirtAddr(bad), &word, sizeof word).ok());
        EXPECT(!space.copy_out(VirtAddr(bad), &word, sizeof word).ok());
    }
    EXPECT(!map_at(space, VirtAddr(kUserEnd), 1));
    EXPECT(!map_at(space, VirtAddr(~u64{0} << kPageShift), 1));
    EXPECT(!space
                .map(kHere + 1, kPageSize, kReadWrite, Sharing::kPrivate, nullptr, 0,
                     Placement::kFixed)
                .ok());
}

KTEST(process_shared_memory_is_one_for_parent_and_child) {
    Result<Ref<AddressSpace>> parent = AddressSpace::create();
    Result<Ref<Pager>> memory = make_shared_memory(2);
    EXPECT(
        (*parent)
            ->map(kHere, 2 * kPageSize, kReadWrite, Sharing::kShared, *memory, 0, Placement::kFixed)
            .ok());
    Result<Ref<AddressSpace>> child = (*parent)->fork();
    EXPECT(write_word(**child, kHere + kPageSize, 77));
    EXPECT_EQ(word_at(**parent, kHere + kPageSize), u64{77});
}

// Random operations beside a model that has one byte a page: 0 unmapped, else its value.
KTEST(process_space_agrees_with_a_model) {
    constexpr u64 kPages = 64;
    u64 seed = 11;
    static_cast<void>(parse_number(boot_option("seed", "11"), seed));
    Random random(seed);
    Result<Ref<AddressSpace>> made = AddressSpace::create();
    AddressSpace& space = **made;
    u64 model[kPages] = {};  // 1 + the word in it, or 0
    for (unsigned step = 0; step < 2000; step++) {
        u64 start = random.below(kPages), count = 1 + random.below(kPages - start);
        VirtAddr at = kHere + start * kPageSize;
        switch (random.below(4)) {
        case 0:
            EXPECT(map_at(space, at, count));
            for (u64 i = start; i < start + count; i++) model[i] = 1;
            break;
        case 1:
            EXPECT(space.unmap(at, count * kPageSize).ok());
            for (u64 i = start; i < start + count; i++) model[i] = 0;
            break;
        case 2:
            EXPECT(write_word(space, at, step) == (model[start] != 0));
            model[start] = model[start] != 0 ? 1 + step : 0;
            break;
        case 3: {
            u64 word = 0;
            bool there = space.copy_in(at, &word, sizeof word).ok();
            EXPECT(there == (model[start] != 0) && (!there || word + 1 == model[start]));
        }
        }
    }
}
