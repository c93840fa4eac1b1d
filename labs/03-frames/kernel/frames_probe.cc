// The kernel's side of the tests of lab `frames`: runs a script that the host wrote and notes what
// came of each line, for the host to read from memory. The script lies where an initial file system
// would (QEMU's -initrd). `ktest=probe_frames_script` starts it; frames_lab_stop() is where the host
// has its breakpoint. The host's side is tests/frames_host.py.
#include "base/ktest.h"
#include "cpu/machine.h"
#include "mm/buddy.h"
#include "mm/heap.h"

namespace {

enum class Op : u8 {
    kEnd,
    kStop,        // lets the host look
    kTake,        // slot = buddy_take(order)
    kGive,        // buddy_give(slot, order)
    kBlock,       // slot = allocate_frames(order, use)
    kFreeBlock,   // free_frames(slot, order)
    kFrame,       // slot = allocate_frame(use)
    kRetain,      // slot: one more owner
    kRelease,     // slot: one owner less
    kInside,      // slot = the frame `value` frames after that of slot `other`
    kHalf,        // slot = the lower (`value` 0) or upper (1) of two buddies, one of them slot `other`
    kAddress,     // slot = the frame at physical address `value`
    kStats,       // memory_stats()
    kObject,      // slot = heap_allocate(value)
    kFreeObject,  // heap_free(slot)
};

// As the host packs it.
struct Line {
    Op op;
    u8 order;
    u8 use;
    u8 unused;
    u16 slot;
    u16 other;
    u64 value;
};
static_assert(sizeof(Line) == 16);

constexpr usize kMaxLines = 16384;
constexpr usize kSlots = 8192;
constexpr u64 kSkipped = ~u64{0};  // what a line gives whose slot is empty

union Slot {
    Frame* frame;
    void* object;
};
Slot slots[kSlots];

}  // namespace

// What the host reads: the number of the line that is being run (all ones before the first), what
// each line gave, and the last statistics.
extern "C" {
u64 frames_lab_step = ~u64{0};
u64 frames_lab_results[kMaxLines];
MemoryStats frames_lab_stats;

[[gnu::noinline]] void frames_lab_stop() { asm volatile("" ::: "memory"); }
}

static u64 address_of(const Frame* frame) { return frame == nullptr ? 0 : frame->address().value; }

static u64 run_buddy_line(const Line& line, Slot& slot) {
    SpinGuard guard(frame_lock);
    if (line.op == Op::kTake) return address_of(slot.frame = buddy_take(line.order));
    buddy_give(*slot.frame, line.order);
    return 0;
}

static bool needs_slot(Op op) {
    return op == Op::kGive || op == Op::kFreeBlock || op == Op::kRetain || op == Op::kRelease ||
           op == Op::kFreeObject;
}

static u64 run_line(const Line& line, Slot& slot) {
    if (needs_slot(line.op) && slot.frame == nullptr) return kSkipped;
    const auto use = static_cast<FrameUse>(line.use);
    const u64 size = kPageSize << line.order;
    switch (line.op) {
    case Op::kTake:
    case Op::kGive: return run_buddy_line(line, slot);
    case Op::kBlock: return address_of(slot.frame = allocate_frames(line.order, use));
    case Op::kFreeBlock: free_frames(*slot.frame, line.order); break;
    case Op::kFrame: {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, use);
        return address_of(slot.frame = frame.ok() ? frame->leak() : nullptr);
    }
    case Op::kRetain: slot.frame->retain(); break;
    case Op::kRelease: slot.frame->release(); break;
    case Op::kInside: return address_of(slot.frame = slots[line.other].frame + line.value);
    case Op::kHalf: {
        const u64 pair = align_down(slots[line.other].frame->address().value, size << 1);
        return address_of(slot.frame = frame_at(PhysAddr(pair + line.value * size)));
    }
    case Op::kAddress: return address_of(slot.frame = frame_at(PhysAddr(line.value)));
    case Op::kStats: frames_lab_stats = memory_stats(); break;
    case Op::kObject: return physical_address(slot.object = heap_allocate(line.value)).value;
    case Op::kFreeObject: heap_free(slot.object); break;
    case Op::kStop: frames_lab_stop(); break;
    case Op::kEnd: break;
    }
    return 0;
}

KTEST(probe_frames_script) {
    const PhysRange script = machine().initrd;
    const auto* lines = linear_pointer<const Line>(script.start);
    const u64 count = min(script.size / sizeof(Line), u64{kMaxLines});
    for (u64 i = 0; i < count && lines[i].op != Op::kEnd; i++) {
        frames_lab_step = i;
        frames_lab_results[i] = run_line(lines[i], slots[lines[i].slot % kSlots]);
    }
    frames_lab_step = count;
    frames_lab_stop();
}
