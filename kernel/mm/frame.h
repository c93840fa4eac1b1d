// Page frames: who has which 4 KiB of RAM. Every frame has a descriptor (Frame) that counts its
// owners; the last release() gives the frame back.
// Interface: allocate_frame() for one frame, allocate_frames() for a block of 2^order frames,
// frame_at() from address to descriptor, memory_stats(). All may be called anywhere, also with
// spinlocks held and in interrupt handlers; only where nothing is held does a shortage of memory
// call reclaim_memory. Free memory is kept by mm/buddy.h.
#pragma once
#include "base/owned.h"
#include "cpu/layout.h"

// What a descriptor says about its frame. Descriptors of frames inside a free block, or inside a
// block of several frames, say nothing at all: they may never have been written (see buddy.h).
enum class FrameState : u8 {
    kReserved = 1,  // never given out: firmware, kernel, device tree, initial file system
    kFree,          // first frame of a free block, in the list of its order
    kCached,        // a single free frame in some hart's cache
    kUsed,          // first frame of a block of 2^order frames with owners
    kSlab,          // used by the heap for many small objects
};

// What a used frame is used for, so that a leak has a name.
enum class FrameUse : u8 { kKernel, kPageTable, kStack, kHeap, kUser, kFile };
inline constexpr const char* kFrameUseNames[] = {"kernel", "page tables", "stacks",
                                                 "heap",   "user",        "files"};
inline constexpr unsigned kFrameUses = array_size(kFrameUseNames);

enum class FrameFill : u8 { kNone, kZero };

// The layout is known to the host's walkers (docs/mm.md).
struct Frame {
    Atomic<u32> references;  // owners; in a slab the objects in use
    FrameState state;
    FrameUse use;
    u8 order;
    u8 size_class;  // kSlab: index into the heap's classes
    Frame* next;    // kFree: in the list of free blocks; kSlab: in the list of slabs with room
    Frame* previous;
    void* objects;  // kSlab: its first free object

    PhysAddr address() const;
    // The frame's bytes in the linear map.
    u8* data() const { return linear_pointer<u8>(address()); }

    void retain() {
        u32 before = references.fetch_add(1);
        ASSERT(before != 0);
    }
    void release() {
        if (references.fetch_sub(1) <= 1) last_release();
    }
    u32 reference_count() const { return references.load(); }

  private:
    void last_release();
};
static_assert(sizeof(Frame) == 32);

// Frames chained through their descriptors, the one added last in front.
struct FrameList {
    Frame* first = nullptr;
    u64 count = 0;

    void push(Frame& frame) {
        frame.previous = nullptr;
        frame.next = first;
        if (first != nullptr) first->previous = &frame;
        first = &frame;
        count++;
    }
    // Takes `frame` out, wherever it is in the list.
    void remove(Frame& frame) {
        (frame.previous != nullptr ? frame.previous->next : first) = frame.next;
        if (frame.next != nullptr) frame.next->previous = frame.previous;
        count--;
    }
};

// One frame with one owner, or ENOMEM.
Result<Ref<Frame>> allocate_frame(FrameFill fill, FrameUse use = FrameUse::kKernel);

// A block of 2^order frames that lie together, aligned to its size and with junk in it; null where
// there is none. Owned as a whole: either its first frame is released, or free_frames called. Both
// go past the harts' caches, so that what the free lists hold afterwards is exactly known.
inline constexpr unsigned kMaxOrder = 10;
[[nodiscard]] Frame* allocate_frames(unsigned order, FrameUse use = FrameUse::kKernel);
void free_frames(Frame& first, unsigned order);

// The array of descriptors: that of physical page `first_page` comes first. Covers all RAM.
struct FrameArray {
    Frame* frames = nullptr;
    u64 first_page = 0;
    u64 count = 0;
    u64 total = 0;  // those that the allocator was given at boot
};
extern constinit FrameArray frame_array;

// The descriptor of the frame that `address` lies in, or null where there is no RAM.
inline Frame* frame_at(PhysAddr address) {
    u64 index = (address.value >> kPageShift) - frame_array.first_page;
    return index < frame_array.count ? &frame_array.frames[index] : nullptr;
}

inline PhysAddr Frame::address() const {
    u64 index = static_cast<u64>(this - frame_array.frames);
    return PhysAddr((frame_array.first_page + index) << kPageShift);
}

// In frames, as of some moment during the call. `free` has every frame that nobody uses: free
// blocks, the harts' caches, and what the heap and the stacks keep for their next user.
struct MemoryStats {
    u64 total = frame_array.total;
    u64 free = 0;
    u64 used[kFrameUses] = {};  // by FrameUse; with free it makes up total
};
MemoryStats memory_stats();

// Called when frames run out: gives back about `frames` of them, and returns whether it gave any.
// It runs without spinlocks and with interrupts on, so it may sleep; several threads may be in it,
// and its own allocations may call it again: floor io's, which sets it, must stop that itself.
extern bool (*reclaim_memory)(usize frames);
