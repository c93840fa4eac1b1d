// Compile-time checks of structure layouts, spelled the same in C and in C++.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ABI_ASSERT(condition, text) static_assert(condition, text)
#else
#define ABI_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define ABI_SIZE(type, size) ABI_ASSERT(sizeof(type) == (size), #type " has the wrong size")
#define ABI_OFFSET(type, member, offset) \
    ABI_ASSERT(offsetof(type, member) == (offset), #type "." #member " is misplaced")
