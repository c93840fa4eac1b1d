// Names looked up before: which inode number a name in a directory leads to, or that there is no such
// name. A file system on a disk asks here before it searches a directory's blocks; what the cache
// says is always true, because all calls for a directory are made with its lock held and whoever
// changes an entry says so. Directories are known by Inode::serial: what is kept about one that has
// left memory is never found again. Fixed size: a new name displaces what was used longest ago.
#pragma once
#include "io/file_system.h"

// Whether the cache knows the name; `ino` is then what it leads to, 0 where there is no such name.
bool find_name(const Inode& directory, StringView name, u64& ino);
// The name leads to `ino`, or with 0 nowhere. Long names are not kept.
void remember_name(const Inode& directory, StringView name, u64 ino);
// The entry has changed or may have.
void forget_name(const Inode& directory, StringView name);
