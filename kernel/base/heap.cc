// What `delete` means where there is no C++ run-time library: giving memory back to the heap.
#include "base/heap.h"

#ifndef GOOSE_HOST
void operator delete(void* object) noexcept { heap_free(object); }
void operator delete(void* object, usize) noexcept { heap_free(object); }
#endif
