// Slabs: a frame divided into objects of one size, the free ones chained through their first word.
// The frame's descriptor says which size, how many are in use and where the first free one is; so
// heap_free() needs only the address. Interface: mm/heap.h.
// Locks: one per size class (rank kHeap). No frame is allocated while one is held: that could ask
// for memory to be reclaimed.
#include "mm/heap.h"

#include "mm/buddy.h"
#include "mm/failing.h"

namespace {

constexpr usize kLargestSmall = 2048;
// Chosen so that a frame divides with little left over.
constexpr u32 kClassSizes[] = {16,  32,  48,  64,  96,   128,  192,
                               256, 384, 512, 768, 1024, 1344, kLargestSmall};

// What a free object holds. The mark depends on its address and is wiped when the object is
// allocated, so finding it in an object that is being freed means that it is free already.
struct FreeObject {
    FreeObject* next;
    u64 mark;

    u64 right_mark() const { return reinterpret_cast<u64>(this) ^ 0x6672'6565'6f62'6a21; }
};
static_assert(sizeof(FreeObject) <= kClassSizes[0]);

struct SizeClass {
    SpinLock lock{LockRank::kHeap, "heap"};
    FrameList partial GUARDED_BY(lock);       // slabs with free objects
    Frame* spare GUARDED_BY(lock) = nullptr;  // one of them without used objects, if there is one
    u64 objects GUARDED_BY(lock) = 0;
    u64 slabs GUARDED_BY(lock) = 0;
};
constinit SizeClass classes[array_size(kClassSizes)];

FreeObject* take_object(SizeClass& c) REQUIRES(c.lock) {
    Frame* slab = c.partial.first;
    if (slab == nullptr) return nullptr;
    if (slab == c.spare) c.spare = nullptr;
    auto* object = static_cast<FreeObject*>(slab->objects);
    slab->objects = object->next;
    slab->references.fetch_add(1);
    if (slab->objects == nullptr) c.partial.remove(*slab);
    c.objects++;
    object->mark = 0;
    return object;
}

// Gives an empty slab's frame back.
void release_slab(SizeClass& c, Frame& slab) REQUIRES(c.lock) {
    c.partial.remove(slab);
    c.slabs--;
    slab.references.store_relaxed(1);
    slab.state = FrameState::kUsed;
    slab.release();
}

// Chains a new frame's objects, lowest address first, and adds it to the class's slabs.
void add_slab(u8 index, Frame& slab) {
    const u32 size = kClassSizes[index];
    FreeObject* first = nullptr;
    for (usize at = kPageSize / size * size; at >= size; at -= size) {
        auto* object = reinterpret_cast<FreeObject*>(slab.data() + at - size);
        *object = {first, object->right_mark()};
        first = object;
    }
    slab.objects = first;
    slab.size_class = index;
    slab.references.store_relaxed(0);
    slab.state = FrameState::kSlab;
    SizeClass& c = classes[index];
    SpinGuard guard(c.lock);
    c.slabs++;
    c.partial.push(slab);
    // Spare until somebody takes an object; and one of those is enough.
    if (c.spare != nullptr) return release_slab(c, slab);
    c.spare = &slab;
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
    auto* object = static_cast<FreeObject*>(memory);
    if (reinterpret_cast<u64>(memory) % kPageSize % kClassSizes[slab.size_class] != 0) {
        panic("heap_free(%p): not the start of an object", memory);
    }
    if (object->mark == object->right_mark()) panic("heap_free(%p): is free already", memory);
    SizeClass& c = classes[slab.size_class];
    SpinGuard guard(c.lock);
    object->mark = object->right_mark();
    object->next = static_cast<FreeObject*>(slab.objects);
    slab.objects = object;
    c.objects--;
    if (object->next == nullptr) c.partial.push(slab);
    if (slab.references.fetch_sub(1) > 1) return;
    if (c.spare != nullptr) return release_slab(c, slab);
    c.spare = &slab;
}

}  // namespace

void* heap_allocate(usize size) {
    if (allocation_fails()) return nullptr;
    if (size > kLargestSmall) return allocate_large(size);
    u8 index = 0;
    while (kClassSizes[index] < size) index++;
    for (;;) {
        {
            SpinGuard guard(classes[index].lock);
            if (FreeObject* object = take_object(classes[index])) return object;
        }
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone, FrameUse::kHeap);
        if (!frame.ok()) return nullptr;
        // Another hart may take all its objects before this one does: hence the loop.
        add_slab(index, *frame->leak());
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
    for (unsigned i = 0; i < array_size(classes); i++) {
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
        SpinGuard guard(c.lock);
        if (c.spare == nullptr) continue;
        release_slab(c, *exchange(c.spare, nullptr));
        released++;
    }
    return released;
}
