// Where the pages of a mapping come from: the interface between address spaces and whatever has
// contents to map (files, shared memory). Declared here, implemented by floor io.
#pragma once
#include "base/owned.h"
#include "mm/frame.h"

enum class Access : u8 { kRead, kWrite, kExecute };

class Pager : public RefCounted {
  public:
    // The frame that holds page `index` of the object; what mappings of it share. kWrite: the page
    // is about to be written through a shared mapping, so it must reach the disk some time.
    // Called with the address space locked; may sleep. EFAULT beyond the end of the object (the
    // program gets SIGBUS), EIO, ENOMEM.
    virtual Result<Ref<Frame>> page(u64 index, Access access) = 0;
    // Writes back pages of [first, end) that shared mappings have changed: msync(2).
    virtual Result<void> sync(u64 /*first*/, u64 /*end*/) { return {}; }
    // What identifies the object in /proc/PID/maps: its path is not kept, so device and inode.
    struct Identity {
        u64 device = 0;
        u64 inode = 0;
    };
    virtual Identity identity() const { return {}; }
};

// Memory shared by a process and its children (MAP_SHARED | MAP_ANONYMOUS): `pages` pages that start
// as zeroes and live as long as someone maps them. ENOMEM.
Result<Ref<Pager>> make_shared_memory(u64 pages);
// The page with `li a7, 139; ecall`, which debuggers and unwinders know by these two words.
Ref<Pager> trampoline_pager();
