// Failing allocations, per process: only kernels built with FAIL=1 have them. A program asks for them
// by a system call of its own (process/tests/failing.cc), for itself and its children.
#pragma once
#include "base/types.h"

#if FAIL
struct FailingAllocations {
    u64 every = 0;      // the n-th fails, and each n-th after it; 0: none
    bool once = false;  // the n-th only
    u64 count = 0;      // since it was asked for, or since the fork

    static FailingAllocations inherited();
};
// Whether a page fault of this process that finds no memory is answered here: nobody is to be killed
// but the process itself. Nothing to do where only one allocation fails: the program tries again.
bool page_fault_failed_on_purpose();
#else
constexpr bool page_fault_failed_on_purpose() { return false; }
#endif
