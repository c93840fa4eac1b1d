// Floor mm's part in the boot story: from here on there are frames, a heap and page tables.
#include "cpu/init.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "mm/buddy.h"
#include "mm/frame_cache.h"
#include "mm/kernel_map.h"

namespace {

void initialise_memory() {
    const Machine& m = machine();
    u64 frames =
        initialise_frames({m.memory.items, m.memory_count}, {m.reserved.items, m.reserved_count});
    start_frame_statistics(frames);
    initialise_kernel_map();
    kprintf("mm: %lu MiB in %lu free page frames\n", frames >> (20 - kPageShift), frames);
}

INIT(Stage::kMemory, initialise_memory);

}  // namespace
