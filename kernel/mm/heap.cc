// Slabs: a frame divided into objects of one size, the free ones chained through their first word.
// The frame's descriptor says which size, how many are in use and where the first free one is; so
// heap_free() needs only the address. Interface: mm/heap.h.
// Locks: one per size class (rank kHeap). No frame is allocated while one is held.
#include "mm/heap.h"

#include "cpu/spinlock.h"
#include "mm/frame.h"

namespace {

constexpr usize kGrain = 16;
constexpr usize kLargestSmall = 2048;
// Chosen so that a frame divides with little left over.
constexpr u32 kClassSizes[] = {16,  32,  48,  64,  96,   128,  192,
                               256, 384, 512, 768, 1024, 1344, kLargestSmall};
constexpr unsigned kClasses = array_size(kClassSizes);

// From a size in grains, rounded up, to the smallest class that fits.
struct ClassOfSize {
    u8 index[kLargestSmall / kGrain + 1] = {};

    constexpr ClassOfSize() {
        u8 at = 0;
        for (usize grains = 0; grains < array_size(index); grains++) {
            at += kClassSizes[at] < grains * kGrain;
            index[grains] = at;
        }
    }
};
constexpr ClassOfSize kClassOfSize;

// What a free object holds. The mark depends on its address and is wiped when the object is
// allocated, so finding it in an object that is being freed means that it is free already.
struct FreeObject {
    FreeObject* next;
    u64 mark;

    u64 right_mark() const { return reinterpret_cast<u64>(this) ^ 0x6672'6565'6f62'6a21; }
};
static_assert(sizeof(FreeObject) <= kGrain);

struct SizeClass {
    SpinLock lock{LockRank::kHeap, "heap"};
    Frame* partial GUARDED_BY(lock) = nullptr;  // slabs with used and with free objects
    Frame* spare GUARDED_BY(lock) = nullptr;    // a slab without used objects
    u64 objects GUARDED_BY(lock) = 0;
    u64 slabs GUARDED_BY(lock) = 0;

    void link(Frame& slab) REQUIRES(lock) {
        slab.previous = nullptr;
        slab.next = partial;
        if (partial != nullptr) partial->previous = &slab;
        partial = &slab;
    }

    void unlink(Frame& slab) REQUIRES(lock) {
        (slab.previous != nullptr ? slab.previous->next : partial) = slab.next;
        if (slab.next != nullptr) slab.next->previous = slab.previous;
    }
};
constinit SizeClass classes[kClasses];

FreeObject* take_object(SizeClass& c) REQUIRES(c.lock) {
    if (c.partial == nullptr) {
        if (c.spare == nullptr) return nullptr;
        c.link(*exchange(c.spare, nullptr));
    }
    Frame& slab = *c.partial;
    auto* object = static_cast<FreeObject*>(slab.objects);
    slab.objects = object->next;
    slab.references.store_relaxed(slab.references.load_relaxed() + 1);
    if (slab.objects == nullptr) c.unlink(slab);
    c.objects++;
    object->mark = 0;
    return object;
}

// Chains a new frame's objects, lowest address first, and adds it as the class's spare or partial.
void add_slab(SizeClass& c, Frame& slab, u8 index) EXCLUDES(c.lock) {
    const u32 size = kClassSizes[index];
    FreeObject* first = nullptr;
    u8* data = slab.data();
    for (usize at = kPageSize / size * size; at >= size; at -= size) {
        auto* object = reinterpret_cast<FreeObject*>(data + at - size);
        *object = {first, object->right_mark()};
        first = object;
    }
    slab.objects = first;
    slab.size_class = index;
    slab.references.store_relaxed(0);
    slab.state = FrameState::kSlab;
    SpinGuard guard(c.lock);
    c.slabs++;
    c.link(slab);
}

// Gives an empty slab's frame back; it is in no list.
void release_slab(Frame& slab) {
    slab.references.store_relaxed(1);
    slab.state = FrameState::kUsed;
    slab.release();
}

// Puts an object back; returns the slab if that has become superfluous.
Frame* give_object(SizeClass& c, Frame& slab, FreeObject* object) REQUIRES(c.lock) {
    object->mark = object->right_mark();
    object->next = static_cast<FreeObject*>(slab.objects);
    slab.objects = object;
    c.objects--;
    if (object->next == nullptr) c.link(slab);
    const u32 in_use = slab.references.load_relaxed() - 1;
    slab.references.store_relaxed(in_use);
    if (in_use > 0) return nullptr;
    c.unlink(slab);
    if (c.spare == nullptr) {
        c.spare = &slab;
        return nullptr;
    }
    c.slabs--;
    return &slab;
}

void* allocate_large(usize size) {
    if (size > kPageSize << kMaxOrder) return nullptr;
    unsigned order = log2_floor(divide_up(size, kPageSize) * 2 - 1);
    if (order > 0) {
        Frame* block = allocate_frames(order, FrameUse::kHeap);
        return block == nullptr ? nullptr : block->data();
    }
    Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, FrameUse::kHeap);
    return frame.ok() ? frame.value().leak()->data() : nullptr;
}

void free_small(Frame& slab, void* memory) {
    const u64 offset = reinterpret_cast<u64>(memory) % kPageSize;
    auto* object = static_cast<FreeObject*>(memory);
    if (offset % kClassSizes[slab.size_class] != 0 || object->mark == object->right_mark()) {
        panic("heap_free(%p): %s", memory,
              offset % kClassSizes[slab.size_class] != 0 ? "not the start of an object"
                                                         : "is free already");
    }
    SizeClass& c = classes[slab.size_class];
    Frame* superfluous;
    {
        SpinGuard guard(c.lock);
        superfluous = give_object(c, slab, object);
    }
    if (superfluous != nullptr) release_slab(*superfluous);
}

}  // namespace

void* heap_allocate(usize size) {
    if (size > kLargestSmall) return allocate_large(size);
    const u8 index = kClassOfSize.index[divide_up(size, kGrain)];
    SizeClass& c = classes[index];
    for (;;) {
        {
            SpinGuard guard(c.lock);
            if (FreeObject* object = take_object(c)) return object;
        }
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, FrameUse::kHeap);
        if (!frame.ok()) return nullptr;
        // Another hart may take all its objects before this one does: hence the loop.
        add_slab(c, *frame.value().leak(), index);
    }
}

void heap_free(void* memory) {
    if (memory == nullptr) return;
    Frame* frame = frame_at(physical_address(memory));
    if (frame != nullptr && frame->state == FrameState::kSlab) {
        free_small(*frame, memory);
    } else if (frame != nullptr && frame->state == FrameState::kUsed &&
               frame->use == FrameUse::kHeap && frame->data() == memory) {
        free_frames(*frame, frame->order);
    } else {
        panic("heap_free(%p): not from the heap", memory);
    }
}

HeapStats heap_stats() {
    HeapStats stats;
    for (unsigned i = 0; i < kClasses; i++) {
        SizeClass& c = classes[i];
        SpinGuard guard(c.lock);
        stats.objects += c.objects;
        stats.bytes += c.objects * kClassSizes[i];
        stats.slabs += c.slabs;
        stats.spare_slabs += c.spare != nullptr;
    }
    return stats;
}

usize heap_release_spares() {
    usize released = 0;
    for (SizeClass& c : classes) {
        Frame* spare;
        {
            SpinGuard guard(c.lock);
            spare = exchange(c.spare, nullptr);
            c.slabs -= spare != nullptr;
        }
        if (spare != nullptr) {
            release_slab(*spare);
            released++;
        }
    }
    return released;
}
