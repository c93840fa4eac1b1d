// The flusher: a thread that writes everything back from time to time, so that a crash costs
// seconds of work and not more; and what happens to the caches when memory is short.
#pragma once
#include "io/inode.h"

// Starts the thread and offers the caches to floor mm. Once.
void start_flusher();
// Called by write(2) with inode.lock held: where too much of memory is dirty, the writer pays by
// writing this file back.
void throttle_writer(Inode& inode);
// Drops clean pages and resting inodes of all file systems; returns how many objects. For memory
// pressure and for tests that compare counts of frames.
usize shrink_file_caches(usize count);
