// Exercise 2: bytes to and from an address space.
#include "user_probe.h"

namespace {

constexpr u64 kStart = 0x40'0000;
// Areas of one page or more, from kStart on, as (pages, protection): 0 is a hole.
struct Stretch {
    u64 pages;
    u32 protection;
};
constexpr Stretch kStretches[] = {{3, PROT_READ | PROT_WRITE}, {1, 0}, {2, PROT_READ},
                                  {2, PROT_READ | PROT_WRITE}, {2, 0}, {1, PROT_READ | PROT_WRITE}};
constexpr u64 kPages = 11;

Ref<AddressSpace> make_space() {
    Ref<AddressSpace> space = AddressSpace::create().value();
    u64 at = kStart;
    for (const Stretch& stretch : kStretches) {
        if (stretch.protection != 0) {
            space
                ->map(VirtAddr(at), stretch.pages * kPageSize, stretch.protection,
                      Sharing::kPrivate, nullptr, 0, AddressSpace::Placement::kNoReplace)
                .value();
        }
        at += stretch.pages * kPageSize;
    }
    return space;
}

// An address that may be good or bad, mostly near the edge of a page.
u64 draw_address(Random& random) {
    u64 page = random.below(kPages + 1), kind = random.below(12);
    u64 offset = random.below(3) == 0 ? random.below(kPageSize) : kPageSize - random.below(200);
    switch (kind) {
    case 0: return offset;                              // the null page
    case 1: return ~u64{0} - random.below(64);          // the end of all addresses
    case 2: return kLinearBase + 0x8040'0000 + offset;  // the kernel
    case 3: return kUserEnd + offset;                   // not canonical
    default: return kStart + page * kPageSize + offset;
    }
}

}  // namespace

// The same copy page by page, so that it is known what stands where after a copy that failed.
void copy_what_fits(AddressSpace& space, u64 address, const u8* from, u64 size) {
    while (size > 0) {
        u64 count = min(size, kPageSize - address % kPageSize);
        static_cast<void>(space.copy_out(VirtAddr(address), from, count).ok());
        address += count, from += count, size -= count;
    }
}

// Copies at random. Notes the outcome of each, and a hash of what has come in; at last the root of
// the table.
KTEST(userlab_copy) {
    static u8 buffer[4 * kPageSize];
    Random random(input("seed_input"));
    Ref<AddressSpace> space = make_space();
    for (u64 step = 0, steps = input("steps"); step < steps; step++) {
        const bool out = random.below(2) == 0;
        const u64 address = draw_address(random);
        const u64 size = random.below(3) == 0 ? random.below(3 * kPageSize) : random.below(400);
        const u64 fill = random.next();
        if (out) {
            for (u64 i = 0; i < size; i++)
                buffer[i] = static_cast<u8>(fill >> i % 8 * 8) ^ (i >> 8);
            if (!note_outcome(space->copy_out(VirtAddr(address), buffer, size))) {
                copy_what_fits(*space, address, buffer, size);
            }
        } else {
            memset(buffer, 0xee, sizeof buffer);
            if (note_outcome(space->copy_in(VirtAddr(address), buffer, size))) {
                note(hash_of(ConstBytes(buffer, size)));
                // Nothing after what was asked for.
                note(buffer[size] == 0xee && buffer[size + 1] == 0xee);
            }
        }
    }
    bring_in_all(*space);
    note(space->page_table().root_address().value);
    probe_done();
}
