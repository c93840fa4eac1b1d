// Floor mm's allocators and page tables on the host, under AddressSanitizer and UBSan, in a piece
// of fake RAM full of junk: random memory maps, random traces against a model, and what must panic.
// Usage: mm_host_test [rounds [seed]]. Prints what is wrong and exits with 1.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bitset>
#include <vector>

#include "base/format.h"
#include "base/random.h"
#include "mm/buddy.h"
#include "mm/heap.h"
#include "mm/kernel_stack.h"
#include "mm/page_table.h"

namespace {

constexpr u64 kRamStart = 0x8000'0000;
constexpr u64 kRamPages = 8192;  // 32 MiB

struct Panic {
    char text[200];
};

unsigned failures = 0;
u64 seed_of_round;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition) && failures++ < 20) {                                                     \
            printf("%s:%d: seed %lu: expected %s\n", __FILE__, __LINE__, seed_of_round,            \
                   #condition);                                                                    \
        }                                                                                          \
    } while (0)

template <typename F> bool panics(F action) {
    try {
        action();
    } catch (const Panic&) {
        host_highest_rank = 0;
        host_interrupts_off = 0;
        return true;
    }
    return false;
}

PageTable* kernel_table;
u64* ram;

// Which pages of RAM the allocator may give out.
using PageSet = std::bitset<kRamPages>;
PageSet expected_free;

PhysAddr page_address(u64 page) { return PhysAddr(kRamStart + page * kPageSize); }
u64 page_of(const Frame& frame) { return (frame.address().value - kRamStart) / kPageSize; }

void fill_with_junk(Random& random) {
    u64 kind = random.below(3);
    for (u64 i = 0; i < kRamPages * kPageSize / 8; i++) {
        ram[i] = kind == 0 ? 0 : kind == 1 ? 0xa5a5a5a5a5a5a5a5 : random.next();
    }
}

// A random machine: RAM from somewhere to somewhere, with holes that are taken.
void boot(Random& random) {
    fill_with_junk(random);
    u64 first = random.below(2) * random.below(1500);
    u64 end = kRamPages - random.below(2) * random.below(1500);
    PhysRange memory[2] = {{page_address(first), (end - first) * kPageSize}, {}};
    unsigned memory_count = 1;
    expected_free.reset();
    for (u64 page = first; page < end; page++) expected_free.set(page);
    if (random.below(3) == 0) {
        // Two ranges that touch, or nearly.
        u64 middle = first + random.below(end - first), gap = random.below(2) * random.below(50);
        memory[0].size = (middle - first) * kPageSize;
        middle = min(middle + gap, end);
        memory[1] = {page_address(middle), (end - middle) * kPageSize};
        memory_count = 2;
        for (u64 page = middle - min(gap, middle); page < middle; page++) {
            if (page * kPageSize + kRamStart >= memory[0].end().value) expected_free.reset(page);
        }
    }
    std::vector<PhysRange> reserved;
    for (u64 i = random.below(6); i > 0; i--) {
        u64 at = random.below(kRamPages * kPageSize), size = random.below(300 * kPageSize);
        reserved.push_back({PhysAddr(kRamStart + at), size});
        u64 last = min((at + size + kPageSize - 1) / kPageSize, kRamPages);
        for (u64 page = at / kPageSize; page < last; page++) expected_free.reset(page);
    }
    initialise_frames({memory, memory_count}, {reserved.data(), reserved.size()});
    u64 array = (physical_address(frame_array.frames).value - kRamStart) / kPageSize;
    for (u64 i = 0; i < divide_up(frame_array.count * sizeof(Frame), kPageSize); i++) {
        CHECK(expected_free.test(array + i));
        expected_free.reset(array + i);
    }
    CHECK(frame_array.total == expected_free.count());
}

// What the free lists hold, page by page; checks the lists on the way.
PageSet listed_pages() {
    PageSet pages;
    for (unsigned order = 0; order <= kMaxOrder; order++) {
        u64 length = 0;
        for (Frame* block = free_lists[order].first; block != nullptr; block = block->next) {
            CHECK(block->state == FrameState::kFree && block->order == order);
            u64 page = page_of(*block);
            CHECK((page_address(page).value >> kPageShift) % (u64{1} << order) == 0);
            for (u64 i = 0; i < u64{1} << order; i++) {
                CHECK(!pages.test(page + i));
                pages.set(page + i);
            }
            length++;
        }
        CHECK(length == free_lists[order].count);
    }
    return pages;
}

// No two free buddies of one order: the lists are as short as can be.
void check_united() {
    for (unsigned order = 0; order < kMaxOrder; order++) {
        for (Frame* block = free_lists[order].first; block != nullptr; block = block->next) {
            u64 index = static_cast<u64>(block - frame_array.frames);
            Frame& buddy = frame_array.frames[index ^ u64{1} << order];
            CHECK(buddy.state != FrameState::kFree || buddy.order != order);
        }
    }
}

void empty_caches() {
    for (unsigned hart = 0; hart < 2; hart++) {
        FrameCache& cache = frame_caches[hart];
        SpinGuard guard(frame_lock);
        for (u32 i = 0; i < cache.count.load(); i++) buddy_give(*cache.frames[i], 0);
        cache.count.store(0);
    }
}

void test_frames(Random& random) {
    struct Block {
        Frame* first;
        unsigned order;
    };
    std::vector<Block> live;
    PageSet taken;
    for (unsigned step = 0; step < 4000; step++) {
        host_hart.index = static_cast<unsigned>(random.below(2));
        bool shrink = step % 1000 > 700;
        if (!live.empty() && random.below(shrink ? 4 : 3) != 0 == shrink) {
            u64 victim = random.below(live.size());
            Block block = live[victim];
            live[victim] = live.back();
            live.pop_back();
            for (u64 i = 0; i < u64{1} << block.order; i++) taken.reset(page_of(*block.first) + i);
            random.below(2) == 0 ? block.first->release() : free_frames(*block.first, block.order);
            continue;
        }
        auto order = static_cast<unsigned>(random.below(3) == 0 ? random.below(kMaxOrder + 1) : 0);
        Frame* first = nullptr;
        if (order == 0 && random.below(2) == 0) {
            Result<Ref<Frame>> frame = allocate_frame(FrameFill::kZero, FrameUse::kUser);
            first = frame.ok() ? frame.value().leak() : nullptr;
            CHECK(first == nullptr || *linear_pointer<u64>(first->address() + 4088) == 0);
        } else {
            first = allocate_frames(order);
        }
        if (first == nullptr) continue;
        for (u64 i = 0; i < u64{1} << order; i++) {
            u64 page = page_of(*first) + i;
            CHECK(expected_free.test(page) && !taken.test(page));
            taken.set(page);
        }
        memset(first->data(), 0x77, kPageSize << order);
        live.push_back({first, order});
        CHECK(memory_stats().free == expected_free.count() - taken.count());
    }
    for (Block block : live) block.first->release();
    empty_caches();
    CHECK(listed_pages() == expected_free);
    check_united();
}

void test_heap(Random& random) {
    struct Object {
        u8* data;
        usize size;
        u8 fill;
    };
    std::vector<Object> live;
    for (unsigned step = 0; step < 3000; step++) {
        if (live.size() < 20 || random.below(2) == 0) {
            usize size = random.below(random.below(20) == 0 ? 30000 : 700);
            auto* data = static_cast<u8*>(heap_allocate(size));
            if (data != nullptr) {
                u8 fill = static_cast<u8>(random.next());
                memset(data, fill, size);
                live.push_back({data, size, fill});
            }
            continue;
        }
        u64 victim = random.below(live.size());
        Object object = live[victim];
        live[victim] = live.back();
        live.pop_back();
        for (usize i = 0; i < object.size; i++) CHECK(object.data[i] == object.fill);
        heap_free(object.data);
    }
    for (Object object : live) heap_free(object.data);
    CHECK(heap_stats().objects == 0);
    CHECK(memory_stats().free == expected_free.count());
    heap_release_spares();
    empty_caches();
    CHECK(listed_pages() == expected_free);
}

void test_page_tables(Random& random) {
    kernel_table = new PageTable(allocate_frame(FrameFill::kZero, FrameUse::kPageTable).value());
    u64 free = memory_stats().free;
    {
        Result<Owned<PageTable>> created = PageTable::create();
        PageTable& table = *created.value();
        for (unsigned i = 0; i < 2000; i++) {
            VirtAddr page(random.below(3) == 0 ? random.below(kUserEnd >> 12) << 12
                                               : random.below(3000) << 12);
            Result<void> mapped = table.map(page, page_address(i), PTE_R | PTE_U);
            const int error = mapped.error().number;
            CHECK(error == 0 || error == ENOMEM || error == EEXIST);
            CHECK(!mapped.ok() || table.walk(page, Walk::kLookup)->address() == page_address(i));
        }
        table.for_each_in(VirtAddr(0), VirtAddr(kUserEnd), [&](VirtAddr at, Pte& pte) {
            CHECK(table.unmap(at).valid());
            CHECK(pte.bits == 0);
        });
        table.for_each_in(VirtAddr(0), VirtAddr(kUserEnd), [&](VirtAddr, Pte&) { CHECK(false); });
    }
    heap_release_spares();
    CHECK(memory_stats().free == free);
    delete kernel_table;
    empty_caches();
    CHECK(listed_pages() == expected_free);
}

// Each leaves the allocator in a bad state: last in its round.
void test_panics(Random& random) {
    Frame* frame = allocate_frame(FrameFill::kNone).value().leak();
    Frame* block = allocate_frames(2);
    Frame* reserved = frame_at(physical_address(frame_array.frames));
    auto* object = static_cast<u8*>(heap_allocate(100));
    auto* large = static_cast<u8*>(heap_allocate(5000));
    switch (random.below(10)) {
    case 0:
        frame->release();
        CHECK(panics([&] { frame->release(); }));
        break;
    case 1:
        free_frames(*block, 2);
        CHECK(panics([&] { free_frames(*block, 2); }));
        break;
    case 2: CHECK(panics([&] { free_frames(*block, 1); })); break;
    case 3:
        frame->retain();
        CHECK(panics([&] { free_frames(*frame, 0); }));
        break;
    case 4:
        frame->release();
        CHECK(panics([&] { frame->retain(); }));
        break;
    case 5: CHECK(panics([&] { reserved->release(); })); break;
    case 6:
        heap_free(object);
        CHECK(panics([&] { heap_free(object); }));
        break;
    case 7: CHECK(panics([&] { heap_free(object + 16); })); break;
    case 8: CHECK(panics([&] { heap_free(large + 4096); })); break;
    case 9: CHECK(panics([&] { heap_free(frame->data()); })); break;
    }
}

}  // namespace

// In the kernel, `delete` gives to the kernel heap; here only what came from it.
void* operator new(usize size) { return malloc(size); }
void operator delete(void* object) noexcept {
    bool inside = physical_address(object).value - kRamStart < kRamPages * kPageSize;
    inside ? heap_free(object) : free(object);
}
void operator delete(void* object, usize) noexcept { operator delete(object); }

void panic(const char* text, ...) {
    Panic reason;
    va_list args;
    va_start(args, text);
    format_into_list(reason.text, sizeof(reason.text), text, args);
    va_end(args);
    throw reason;
}

PageTable& kernel_page_table() { return *kernel_table; }
usize idle_kernel_stacks() { return 0; }
usize release_idle_kernel_stacks() { return 0; }

// One machine's life, in a process of its own: the heap has state that cannot be reset.
int run_round(u64 seed) {
    seed_of_round = seed;
    Random random(seed * 0x9e3779b97f4a7c15);
    try {
        boot(random);
        CHECK(listed_pages() == expected_free);
        check_united();
        test_frames(random);
        test_heap(random);
        test_page_tables(random);
        test_panics(random);
    } catch (const Panic& panic) {
        printf("seed %lu: panic: %s\n", seed, panic.text);
        return 1;
    }
    return failures == 0 ? 0 : 1;
}

int main(int count, char** arguments) {
    unsigned rounds = count > 1 ? static_cast<unsigned>(atoi(arguments[1])) : 20;
    u64 seed = count > 2 ? strtoul(arguments[2], nullptr, 0) : 1;
    ram = static_cast<u64*>(aligned_alloc(kPageSize << kMaxOrder, kRamPages * kPageSize));
    host_linear_base = reinterpret_cast<u64>(ram) - kRamStart;
    unsigned bad = 0;
    for (unsigned round = 0; round < rounds; round++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            int status = run_round(seed + round);
            fflush(stdout);
            _exit(status);
        }
        int status = -1;
        waitpid(child, &status, 0);
        bad += status != 0;
    }
    printf("%u rounds from seed %lu, %u bad\n", rounds, seed, bad);
    return bad == 0 ? 0 : 1;
}
