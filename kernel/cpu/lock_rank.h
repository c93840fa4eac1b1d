// The one order in which locks are taken: a hart that holds a lock may take only locks of a higher
// rank (further down in this list). Sleeping locks come before all spinlocks, because one cannot
// sleep with a spinlock held. An upper floor adds its names here; the list holds nothing else.
#pragma once
#include "base/types.h"

enum class LockRank : u8 {
    // Sleeping locks (thread/mutex.h).
    kFilePosition,  // the position of one open file
    kRecordLocks,   // locks on ranges of files (fcntl)
    kMountTable,    // mounts and unmounts
    kSync,          // one write-back of all files of a file system at a time
    kRename,        // one rename between directories at a time
    kDirectory,     // an inode of a directory: its entries (parent before child)
    kInode,         // an inode of a file: size, block map
    kTerminal,      // the terminal's line discipline
    kPipe,          // one pipe's ring
    kAddressSpace,  // areas and page table of one address space
    kSharedMemory,  // pages of one piece of shared memory
    kWriteBack,     // write-back of one file's dirty pages
    kFileTail,      // the end of a file that is written back and truncated at once
    kBlockMap,      // the block map of one inode
    kFileSystem,    // bitmaps and counters of one mounted file system
    kBlock,         // write-back of one block cache
    kTestMutex,     // kernel tests of sleeping locks

    // Spinlocks. Those that interrupt handlers take are marked (irq).
    kProcessTree,   // parents, children, process groups, exit states
    kSignals,       // pending signals and handlers of one process
    kFdTable,       // one table of file descriptors
    kFutex,         // waiters on user addresses
    kProcessFiles,  // working directory and root of one process
    kMounts,        // which file system is mounted where
    kFileSystems,   // the list of all file systems
    kInodeCache,    // which inodes are in memory
    kNameCache,     // names looked up before
    kPageCache,     // pages of one file, and the list of all cached pages
    kBlockCaches,   // the list of block caches
    kBlockCache,    // which blocks are in memory
    kWait,          // locks made for wait_until in tests and small objects
    kDisk,          // (irq) one virtio queue
    kConsoleInput,  // (irq) characters that arrived and nobody has read
    kAllThreads,    // the list of all threads
    kWaitQueue,     // (irq) threads waiting for one event
    kTimers,        // (irq) threads waiting for a time, per hart
    kRunQueue,      // (irq) runnable threads, per hart
    kPageTable,     // the kernel's own page table
    kHeap,          // kernel heap
    kFrames,        // page frames
    kTlb,           // address-space identifiers
    kInterrupts,    // (irq) who handles which device interrupt
    kLog,           // (irq) console output and the log ring
};
