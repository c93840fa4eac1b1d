// The file system in memory: the root until a disk is mounted, filled from the cpio archive that came
// with the kernel; also what mount(2) calls tmpfs. Directories are lists of names; a file's contents
// are its cached pages, which are never dropped.
#pragma once
#include "io/file_system.h"

// Its files together have at most `page_limit` pages (ENOSPC beyond).
Result<Ref<FileSystem>> create_ramfs(const char* type, u64 page_limit);
