// What the tests of floor mm share, and those of upper floors may use: a check for leaked frames,
// and the seed of this run.
#pragma once
#include "cpu/console.h"
#include "cpu/machine.h"
#include "mm/page_table.h"

// The number after seed= on the command line, or 1.
inline u64 test_seed() {
    u64 seed = 1;
    return parse_number(boot_option("seed", "1"), seed) ? seed : 1;
}

// What the 4 KiB around `address` are mapped to, also as a part of a larger page; not valid where to
// nothing.
inline Pte mapping_of(PageTable& table, VirtAddr address) {
    for (unsigned level = 0; level <= 2; level++) {
        const u64 size = kPageSize << 9 * level;
        Pte* pte = table.walk(address, Walk::kLookup, level);
        if (pte == nullptr || !pte->is_leaf()) continue;
        return Pte::make(pte->address() + address.page_down().value % size, pte->flags());
    }
    return Pte{};
}

// Notes how many frames are free, and later tells whether it is as many again.
class FrameCount {
  public:
    FrameCount() : before_(memory_stats()) {}

    bool unchanged() const {
        MemoryStats after = memory_stats();
        for (unsigned use = 0; use < kFrameUses; use++) {
            if (after.used[use] != before_.used[use]) {
                kprintf("frames used for %s: %lu before, %lu after\n", kFrameUseNames[use],
                        before_.used[use], after.used[use]);
            }
        }
        return after.free == before_.free;
    }

  private:
    MemoryStats before_;
};
