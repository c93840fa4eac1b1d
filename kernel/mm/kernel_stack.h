// Kernel stacks: kStackSize bytes each, in the region at kStackBase, with nothing mapped below, so
// that an overflow faults (cpu/layout.h has the geometry). A few stay mapped for the next thread.
// May be called with spinlocks of lower rank held; takes kPageTable.
#pragma once
#include "base/result.h"

// The top of a new stack (its contents are junk), or ENOMEM.
Result<u64> map_kernel_stack();
// Gives a stack back, by its top. Nobody runs on it, or refers into it, any more.
void unmap_kernel_stack(u64 top);

// How many stacks are kept for reuse; and giving them up, which returns how many frames that freed.
usize idle_kernel_stacks();
usize release_idle_kernel_stacks();
