// The kernel heap: heap_allocate() and heap_free() of base/heap.h. Small objects (to 2048 bytes)
// share frames, one size class to a frame (a slab); larger ones are blocks of frames, to 4 MiB.
// May be called with spinlocks held and in interrupt handlers. Freeing twice, or what was never
// allocated, panics where it is noticed.
#pragma once
#include "base/heap.h"
#include "base/types.h"

struct HeapStats {
    u64 objects = 0;      // small objects in use
    u64 bytes = 0;        // what they take, rounded up to their classes
    u64 slabs = 0;        // frames that hold them
    u64 spare_slabs = 0;  // part of slabs: kept empty, at most one for each class
};
HeapStats heap_stats();

// Gives the spare slabs back to the frame allocator; returns how many.
usize heap_release_spares();
