// Facts about the kernel heap.
#include "base/ktest.h"
#include "base/owned.h"
#include "base/random.h"
#include "mm/heap.h"
#include "mm/tests/test_memory.h"

namespace {

struct Object {
    u8* data = nullptr;
    usize size = 0;
    u8 fill = 0;

    void fill_all() { memset(data, fill, size); }
    bool is_intact() const {
        for (usize i = 0; i < size; i++) {
            if (data[i] != fill) return false;
        }
        return true;
    }
};

struct Kilobyte {
    u8 bytes[1024];
};

usize random_size(Random& random) {
    switch (random.below(8)) {
    case 0: return random.below(20000);
    case 1: return random.below(4097);
    default: return random.below(300);
    }
}

}  // namespace

KTEST(heap_random_trace_keeps_objects_apart) {
    constexpr unsigned kLive = 64;
    Random random(test_seed());
    FrameCount frames;
    HeapStats before = heap_stats();
    Object live[kLive];
    for (unsigned step = 0; step < 4000; step++) {
        Object& object = live[random.below(kLive)];
        if (object.data != nullptr) {
            EXPECT(object.is_intact());
            heap_free(object.data);
            object.data = nullptr;
            continue;
        }
        object = {nullptr, random_size(random), static_cast<u8>(random.next())};
        object.data = static_cast<u8*>(heap_allocate(object.size));
        EXPECT(object.data != nullptr && reinterpret_cast<u64>(object.data) % 16 == 0);
        object.fill_all();
    }
    for (Object& object : live) {
        EXPECT(object.data == nullptr || object.is_intact());
        heap_free(object.data);
    }
    HeapStats after = heap_stats();
    EXPECT_EQ(after.objects, before.objects);
    EXPECT_EQ(after.bytes, before.bytes);
    EXPECT(frames.unchanged());
}

KTEST(heap_gives_empty_slabs_back) {
    FrameCount frames;
    constexpr unsigned kObjects = 500;
    static void* objects[kObjects];
    for (void*& object : objects) object = heap_allocate(200);
    EXPECT(heap_stats().slabs >= kObjects / (kPageSize / 200));
    for (void* object : objects) heap_free(object);
    EXPECT(frames.unchanged());
    heap_release_spares();
    EXPECT_EQ(heap_stats().spare_slabs, u64{0});
    EXPECT(frames.unchanged());
}

KTEST(heap_refuses_what_is_too_large) {
    EXPECT(heap_allocate(~usize{0}) == nullptr);
    EXPECT(heap_allocate((kPageSize << kMaxOrder) + 1) == nullptr);
    void* largest = heap_allocate(kPageSize << kMaxOrder);
    EXPECT(largest != nullptr);
    heap_free(largest);
    heap_free(nullptr);
}

KTEST(heap_objects_of_no_bytes_have_addresses) {
    void* a = heap_allocate(0);
    void* b = heap_allocate(0);
    EXPECT(a != nullptr && b != nullptr && a != b);
    heap_free(a);
    heap_free(b);
}

KTEST(heap_exhaustion_recovers) {
    FrameCount frames;
    // Most of it in the largest pieces, which stay untouched: there may be much.
    constexpr usize kMost = 8192;
    auto** large = static_cast<void**>(heap_allocate(kMost * sizeof(void*)));
    usize count = 0;
    while (count < kMost && (large[count] = heap_allocate(kPageSize << kMaxOrder)) != nullptr) {
        count++;
    }
    // The rest in small ones, until make() and the like turn null into ENOMEM.
    void** chain = nullptr;
    while (auto** object = static_cast<void**>(heap_allocate(1024))) {
        *object = chain;
        chain = object;
    }
    EXPECT_EQ(make<Kilobyte>().error().number, ENOMEM);
    while (chain != nullptr) {
        void** first = chain;
        chain = static_cast<void**>(*first);
        heap_free(first);
    }
    while (count > 0) heap_free(large[--count]);
    heap_free(large);
    EXPECT(frames.unchanged());
}
