// The allocators as a sanitized kernel has them: each function here stands before the one of the
// same name in floor mm (sanitize.mk has the list), and keeps the shadow up to date.
//   - a free frame is poisoned from its last release to its next owner;
//   - a heap block has a red zone behind it, which is also the one before the next block, and with
//     who allocated and freed it; a freed one lies in quarantine until many others are freed;
//   - a new kernel stack has no marks of the thread that had it before.
// Locks: the quarantine has its own, under which nothing is called.
#include "base/panic.h"
#include "cpu/console.h"
#include "cpu/hart.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/kernel_stack.h"
#include "sanitize/shadow.h"

// wrapped(name): this file's function, which others get when they call `name`; plain(name): the one
// of floor mm. By their mangled names.
#define WRAPPED(name) asm("__wrap_" name)
#define PLAIN(name)   asm("__real_" name)

Result<Ref<Frame>> plain_frame(FrameFill, FrameUse) PLAIN("_Z14allocate_frame9FrameFill8FrameUse");
Result<Ref<Frame>> checked_frame(FrameFill, FrameUse)
    WRAPPED("_Z14allocate_frame9FrameFill8FrameUse");
Frame* plain_frames(unsigned, FrameUse) PLAIN("_Z15allocate_framesj8FrameUse");
Frame* checked_frames(unsigned, FrameUse) WRAPPED("_Z15allocate_framesj8FrameUse");
void plain_free_frames(Frame&, unsigned) PLAIN("_Z11free_framesR5Framej");
void checked_free_frames(Frame&, unsigned) WRAPPED("_Z11free_framesR5Framej");
void plain_last_release(Frame*) PLAIN("_ZN5Frame12last_releaseEv");
void checked_last_release(Frame*) WRAPPED("_ZN5Frame12last_releaseEv");

void* plain_allocate(usize) PLAIN("_Z13heap_allocatem");
void* checked_allocate(usize) WRAPPED("_Z13heap_allocatem");
void plain_free(void*) PLAIN("_Z9heap_freePv");
void checked_free(void*) WRAPPED("_Z9heap_freePv");

HeapStats plain_heap_stats() PLAIN("_Z10heap_statsv");
HeapStats checked_heap_stats() WRAPPED("_Z10heap_statsv");
MemoryStats plain_memory_stats() PLAIN("_Z12memory_statsv");
MemoryStats checked_memory_stats() WRAPPED("_Z12memory_statsv");
usize plain_release_spares() PLAIN("_Z19heap_release_sparesv");
usize checked_release_spares() WRAPPED("_Z19heap_release_sparesv");

Result<u64> plain_stack() PLAIN("_Z16map_kernel_stackv");
Result<u64> checked_stack() WRAPPED("_Z16map_kernel_stackv");

namespace {

constexpr usize kLargestSmall = 2048;  // of the heap's objects that share frames
constexpr usize kQuarantineBlocks = 512;
constexpr usize kQuarantineBytes = 128 * 1024;

u64 start_of(Frame& frame) { return reinterpret_cast<u64>(frame.data()); }

void poison_block(Frame& first, unsigned order) {
    poison(start_of(first), kPageSize << order, Poison::kFrameFree);
}

// Freed blocks, the one freed first in front.
struct Quarantine {
    struct Entry {
        void* block;
        usize size;
    };
    Entry entries[kQuarantineBlocks] = {};
    usize first = 0, count = 0, bytes = 0;
    Atomic<u32> locked{0};

    bool has_room_for(usize size) const {
        return count < kQuarantineBlocks && bytes + size <= kQuarantineBytes;
    }
    void push(void* block, usize size) {
        entries[(first + count++) % kQuarantineBlocks] = {block, size};
        bytes += size;
    }
    void* pop() {
        Entry& entry = entries[first];
        first = (first + 1) % kQuarantineBlocks;
        count--;
        bytes -= entry.size;
        return entry.block;
    }
};
constinit Quarantine quarantine;

class QuarantineGuard : InterruptsOff {
  public:
    QuarantineGuard() {
        while (quarantine.locked.exchange(1) != 0) {
        }
    }
    ~QuarantineGuard() { quarantine.locked.store(0); }
};

// Puts a block into the quarantine; or else returns the one that has to leave before there is room.
void* put_or_evict(void* block, usize size) {
    QuarantineGuard guard;
    if (!quarantine.has_room_for(size)) return quarantine.pop();
    quarantine.push(block, size);
    return nullptr;
}

void put_into_quarantine(void* block, usize size) {
    while (void* oldest = put_or_evict(block, size)) plain_free(oldest);
}

void* take_from_quarantine() {
    QuarantineGuard guard;
    return quarantine.count > 0 ? quarantine.pop() : nullptr;
}

// Statistics shall not show what only waits; returns how many blocks that were.
usize empty_quarantine() {
    usize count = 0;
    for (; void* oldest = take_from_quarantine(); count++) plain_free(oldest);
    return count;
}

// The bytes that the heap gave for `size` of them.
usize room_of(void* memory, usize wanted) {
    Frame* frame = frame_at(physical_address(memory));
    return frame->state == FrameState::kSlab ? wanted : kPageSize << frame->order;
}

// At `address` there is no block in use.
[[noreturn]] void refuse_free(u64 address) {
    const bool freed = *shadow_of(address) == static_cast<u8>(Poison::kHeapFreed);
    const char* what =
        freed ? "a heap block that is free already" : "what is no heap block's start";
    kprintf("\nsanitizer: free of %s\n", what);
    describe_block(address);
    panic("sanitizer: free of %s, at %#lx", what, address);
}

}  // namespace

Result<Ref<Frame>> checked_frame(FrameFill fill, FrameUse use) {
    Result<Ref<Frame>> frame = plain_frame(FrameFill::kNone, use);
    if (!frame.ok()) return frame;
    unpoison(start_of(**frame), kPageSize);
    if (fill == FrameFill::kZero) memset(frame.value()->data(), 0, kPageSize);
    return frame;
}

Frame* checked_frames(unsigned order, FrameUse use) {
    Frame* block = plain_frames(order, use);
    if (block != nullptr) unpoison(start_of(*block), kPageSize << order);
    return block;
}

// mm/heap.cc calls these two for frames (sanitize.mk): what it has not given out yet is red zone.
Result<Ref<Frame>> allocate_heap_frame(FrameFill fill, FrameUse use) {
    Result<Ref<Frame>> frame = plain_frame(fill, use);
    if (frame.ok()) poison(start_of(**frame), kPageSize, Poison::kHeapRedZone);
    return frame;
}

Frame* allocate_heap_frames(unsigned order, FrameUse use) {
    Frame* block = plain_frames(order, use);
    if (block != nullptr) poison(start_of(*block), kPageSize << order, Poison::kHeapRedZone);
    return block;
}

void checked_free_frames(Frame& first, unsigned order) {
    poison_block(first, first.order);
    plain_free_frames(first, order);
}

void checked_last_release(Frame* frame) {
    if (frame->state == FrameState::kUsed) poison_block(*frame, frame->order);
    plain_last_release(frame);
}

void* checked_allocate(usize size) {
    const usize body = align_up(max(size, usize{1}), kHeapAlignment);
    const usize wanted = size <= kLargestSmall ? body + sizeof(RedZone) : size;
    void* memory = plain_allocate(wanted);
    if (memory == nullptr || !shadow_ready) return memory;
    const u64 start = reinterpret_cast<u64>(memory);
    const usize room = room_of(memory, wanted);
    poison(start, room, Poison::kHeapRedZone);
    unpoison(start, max(size, usize{1}));
    if (room - body >= sizeof(RedZone)) {
        auto& red_zone = *reinterpret_cast<RedZone*>(start + body);
        red_zone.size = size;
        record_trace(red_zone.allocated);
    }
    return memory;
}

void checked_free(void* memory) {
    Frame* frame = memory == nullptr ? nullptr : frame_at(physical_address(memory));
    if (frame == nullptr || frame->state != FrameState::kSlab || !shadow_ready) {
        return plain_free(memory);
    }
    const u64 start = reinterpret_cast<u64>(memory);
    u64 end = start;
    while (*shadow_of(end) < kGranule && end - start <= kLargestSmall) end += kGranule;
    auto& red_zone = *reinterpret_cast<RedZone*>(align_up(end, kHeapAlignment));
    if (end == start || red_zone.block() != start) refuse_free(start);
    poison(start, end - start, Poison::kHeapFreed);
    record_trace(red_zone.freed);
    put_into_quarantine(memory, end - start);
}

HeapStats checked_heap_stats() {
    empty_quarantine();
    return plain_heap_stats();
}

MemoryStats checked_memory_stats() {
    empty_quarantine();
    return plain_memory_stats();
}

usize checked_release_spares() {
    const usize freed = empty_quarantine();
    return freed + plain_release_spares();
}

Result<u64> checked_stack() {
    Result<u64> top = plain_stack();
    if (!top.ok() || !shadow_ready) return top;
    const u64 slot = *top - kStackSlot;
    if (!has_shadow(slot)) {
        unmap_kernel_stack(*top);
        release_idle_kernel_stacks();  // else it would be the next one's again
        return Errno{ENOMEM};
    }
    unpoison(slot, kStackSlot);
    return top;
}
