// The two functions that a program using base brings for objects of any size: in the kernel they
// are the kernel heap (mm/heap.cc), on the host malloc. heap_allocate returns memory aligned to 16
// bytes, or null; callers turn null into ENOMEM.
#pragma once
#include "base/types.h"

[[nodiscard]] void* heap_allocate(usize size);
void heap_free(void* memory);
