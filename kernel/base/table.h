// Tables that the linker gathers: an upper floor registers itself in a lower one's table by
// defining an entry, and the lower floor walks whatever was linked. kernel.ld KEEPs the sections.
// Link objects directly, never from an archive: nothing refers to these entries by name.
#pragma once
#include "base/types.h"

// Defines `entry` in the table called `table`; used by INIT, KTEST, SYSCALL and DRIVER.
#define TABLE_ENTRY(table)                                                                         \
    [[gnu::used, gnu::section(".table." #table), gnu::aligned(8)]] static const

// Declares the ends of a table of `Type` that kernel.ld defines.
#define TABLE_BOUNDS(Type, table)                                                                  \
    extern "C" {                                                                                   \
    extern const Type table##_table_start[];                                                       \
    extern const Type table##_table_end[];                                                         \
    }

// The table as a range: for (const Type& entry : TABLE(Type, table))
template <typename T> struct TableRange {
    const T* first;
    const T* last;
    const T* begin() const { return first; }
    const T* end() const { return last; }
    usize size() const { return static_cast<usize>(last - first); }
};
#define TABLE(Type, table) (TableRange<Type>{table##_table_start, table##_table_end})
