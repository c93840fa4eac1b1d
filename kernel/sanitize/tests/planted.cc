// Faults to be found: plant=<name> on the command line of a sanitized kernel does one of them when
// floor mm is up. tests/test_sanitizers.py knows what has to be said of each.
#include "base/owned.h"
#include "base/span.h"
#include "cpu/init.h"
#include "cpu/machine.h"
#include "mm/frame.h"
#include "mm/kernel_stack.h"

namespace {

// What the compiler must not know.
template <typename T> T hidden(T value) {
    asm volatile("" : "+r"(value));
    return value;
}

struct Fault {
    const char* name;
    void (*commit)();
};

[[gnu::noinline]] u64* allocate_for_test(usize size) {
    return static_cast<u64*>(heap_allocate(size));
}
[[gnu::noinline]] void free_in_test(u64* block) {
    heap_free(block);
    asm volatile("");
}

int global_array[5];

constexpr Fault kFaults[] = {
    {"heap-after-free",
     [] {
         u64* block = allocate_for_test(40);
         free_in_test(block);
         hidden(block)[2] = 1;
     }},
    {"heap-beyond",
     [] {
         u8* block = reinterpret_cast<u8*>(allocate_for_test(45));
         hidden(block)[45] = 1;
     }},
    {"heap-before",
     [] {
         u64* first = allocate_for_test(256);
         u64* second = allocate_for_test(256);
         hidden(max(first, second))[-1] = 1;
     }},
    {"heap-large-beyond",
     [] {
         u64* block = allocate_for_test(5000);
         hidden(block)[625] = 1;
     }},
    {"heap-double-free",
     [] {
         u64* block = allocate_for_test(40);
         free_in_test(block);
         free_in_test(hidden(block));
     }},
    {"heap-free-inside", [] { free_in_test(hidden(allocate_for_test(40) + 2)); }},
    {"memcpy-beyond",
     [] {
         u64* block = allocate_for_test(100);
         memcpy(hidden(block), kernel_start, hidden(usize{101}));
     }},
    {"memset-negative",
     [] { memset(hidden(allocate_for_test(100)), 0, static_cast<usize>(hidden(-1))); }},
    {"frame-after-release",
     [] {
         Frame* frame = allocate_frame(FrameFill::kZero).value().leak();
         frame->release();
         *reinterpret_cast<volatile u32*>(frame->data() + 100);
     }},
    {"frames-after-free",
     [] {
         Frame* block = allocate_frames(2);
         free_frames(*block, 2);
         hidden(block->data())[3 * kPageSize] = 1;
     }},
    {"frame-never-allocated",
     [] {
         Frame* block = allocate_frames(3);
         hidden(block->data())[8 * kPageSize] = 1;
     }},
    {"stack-beyond",
     [] {
         char text[10] = {};
         *(hidden(&text[0]) + hidden(10)) = 1;
     }},
    {"stack-after-scope",
     [] {
         char* left = nullptr;
         {
             char text[10] = {};
             left = hidden(&text[0]);
         }
         *left = 1;
     }},
    {"global-beyond", [] { *(hidden(&global_array[0]) + hidden(5)) = 1; }},
    {"null", [] { *hidden(static_cast<volatile int*>(nullptr)); }},
    {"null-memory", [] { memset(hidden(static_cast<void*>(nullptr)), 0, hidden(usize{8})); }},
    {"misaligned",
     [] {
         alignas(8) static char bytes[16];
         *hidden(reinterpret_cast<volatile u32*>(bytes + 1)) = 1;
     }},
    {"signed-overflow", [] { hidden(hidden(0x7fff'ffff) + hidden(1)); }},
    {"signed-multiplication", [] { hidden(hidden(i64{1} << 62) * hidden(i64{-4})); }},
    {"negation", [] { hidden(-hidden(-0x7fff'ffff - 1)); }},
    {"division-by-zero", [] { hidden(hidden(7) / hidden(0)); }},
    {"shift", [] { hidden(u64{1} << hidden(64)); }},
    {"negative-shift", [] { hidden(1u << hidden(-1)); }},
    {"index", [] { hidden(global_array[hidden(7)]); }},
    {"invalid-bool",
     [] {
         static u8 byte = 2;
         hidden(*reinterpret_cast<bool*>(hidden(&byte)));
     }},
    {"unreachable",
     [] {
         if (hidden(1) == 1) __builtin_unreachable();
     }},
};

void commit_planted_fault() {
    const StringView wanted = boot_option("plant");
    if (wanted.empty()) return;
    for (const Fault& fault : kFaults) {
        if (wanted == fault.name) fault.commit();
    }
    panic("planted fault: nothing was noticed, or there is no fault of that name");
}
INIT(Stage::kMemory, commit_planted_fault);

}  // namespace
