// Placement new, spelled out because the bare-metal compiler has no <new>.
#pragma once
#include "base/types.h"

#ifdef GOOSE_HOST
#include <new>
#else
inline void* operator new(usize, void* place) noexcept { return place; }
#endif
