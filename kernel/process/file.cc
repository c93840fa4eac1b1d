// Counting open file descriptions. See file.h.
#include "process/file.h"

static constinit Atomic<u64> live_files{0};

u64 File::live_count() { return live_files.load(); }

File::File(u32 open_flags)
    : flags(open_flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)) {
    live_files.fetch_add(1);
}
File::~File() { live_files.fetch_sub(1); }
