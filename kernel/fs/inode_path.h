// The path of a file that is open or mapped, for /proc/PID/exe, fd and maps.
#pragma once
#include "io/inode.h"

// Writes a path that leads to `inode` (no closing NUL) and returns its length. A directory's is found
// by going up; for another file the tree of its file system is searched, up to a bound: slow, but
// rarely asked for, and so nothing has to be kept. ENOENT where none is found.
Result<usize> path_of_inode(Ref<Inode> inode, Span<char> to);
