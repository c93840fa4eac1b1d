// Names looked up before: which inode number a name in a directory leads to, or that there is no such
// name. A file system on a disk asks here before it searches a directory's blocks; what the cache
// says is always true, because all calls for a directory are made with its lock held and whoever
// changes an entry says so. Directories are known by Inode::serial: what is kept about one that has
// left memory is never found again. Fixed size: a new name displaces what was used longest ago.
#pragma once
#include "io/file_system.h"

struct CachedName {
    enum class State : u8 { kUnknown, kAbsent, kPresent };
    State state = State::kUnknown;
    u64 ino = 0;  // where present
};

CachedName find_name(const Inode& directory, StringView name);
// The name leads to `ino`; or, with remember_absence, nowhere. Long names are not kept.
void remember_name(const Inode& directory, StringView name, u64 ino);
void remember_absence(const Inode& directory, StringView name);
// The entry has changed or may have.
void forget_name(const Inode& directory, StringView name);

struct NameCacheStats {
    u64 hits, misses;
};
NameCacheStats name_cache_stats();
