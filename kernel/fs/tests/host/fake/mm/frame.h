// The host's stand-in for mm/frame.h: frames on the host's heap, so that the sanitizers see them.
#pragma once
#include "base/address.h"
#include "base/owned.h"

enum class FrameUse : u8 { kKernel, kHeap, kUser, kFile };
enum class FrameFill : u8 { kNone, kZero };

struct Frame {
    Atomic<u32> references{1};
    u8* bytes = nullptr;

    u8* data() const { return bytes; }
    void retain() { references.fetch_add(1); }
    void release() {
        if (references.fetch_sub(1) == 1) {
            heap_free(bytes);
            heap_free(this);
        }
    }
    u32 reference_count() const { return references.load(); }
};

inline Result<Ref<Frame>> allocate_frame(FrameFill, FrameUse = FrameUse::kKernel) {
    void* memory = heap_allocate(sizeof(Frame));
    auto* bytes = static_cast<u8*>(heap_allocate(kPageSize));
    if (memory == nullptr || bytes == nullptr) {
        heap_free(memory);
        heap_free(bytes);
        return Errno{ENOMEM};
    }
    Frame* frame = new (memory) Frame;
    frame->bytes = bytes;
    return Ref<Frame>::adopt(frame);
}

// Only for the table of cached pages, which stays.
inline Frame* allocate_frames(unsigned order, FrameUse) {
    static Frame table;
    table.bytes = static_cast<u8*>(heap_allocate(kPageSize << order));
    return &table;
}

struct MemoryStats {
    u64 total = 32768;
};
inline MemoryStats memory_stats() { return {}; }
inline bool (*reclaim_memory)(usize frames);
