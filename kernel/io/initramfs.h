// The first root: an in-memory file system, filled from the cpio archive that came with the kernel.
#pragma once
#include "base/span.h"
#include "io/file_system.h"

// Makes what the archive holds, below `root`. A malformed archive ends early with EINVAL; what came
// before stays. ENOMEM, ENOSPC.
Result<void> unpack_archive(const Ref<Inode>& root, ConstBytes archive);

// Writes bytes of the kernel's own into a file, which grows as needed.
Result<void> write_from_kernel(Inode& inode, u64 offset, ConstBytes bytes);
