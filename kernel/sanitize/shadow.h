// The shadow memory of a sanitized kernel (make SAN=1): one byte for each eight bytes of RAM and of
// kernel stacks says how many of them may be used (0: all, 1 … 7: the first ones), or why none may.
// The compiler calls check functions before each access and marks the red zones of local variables
// itself, at the fixed offset below. Until floor mm has built the kernel's page table there is one
// page of shadow for all addresses, which only swallows what is written, and nothing is checked.
// Reference: Serebryany and others, AddressSanitizer, USENIX ATC 2012.
#pragma once
#include "base/types.h"
#include "cpu/layout.h"

// sanitize.mk tells the compiler the same. The linear map's shadow begins 32 GiB above the stacks.
inline constexpr u64 kShadowOffset = 0xdfff'fff0'0000'0000;
inline constexpr u64 kGranule = 8;

// Why bytes may not be used. Those of stack variables are the compiler's own.
enum class Poison : u8 {
    kFrameFree = 0xff,
    kHeapFreed = 0xfd,
    kHeapRedZone = 0xfa,
    kGlobalRedZone = 0xf9,
    kStackScope = 0xf8,
    kStackLeft = 0xf1,
    kStackMiddle = 0xf2,
    kStackRight = 0xf3,
};

inline u8* shadow_of(u64 address) { return reinterpret_cast<u8*>((address >> 3) + kShadowOffset); }

// Whether accesses are checked yet, and the ranges in which they are.
struct CheckedRange {
    u64 start = 0;
    u64 size = 0;
    bool contains(u64 address) const { return address - start < size; }
};
extern bool shadow_ready;
extern CheckedRange checked_ram, checked_stacks;
inline bool has_shadow(u64 address) {
    return checked_ram.contains(address) || checked_stacks.contains(address);
}

// Marks [address, address + size); both are multiples of a granule, or the size is cut off at an
// end where nothing else lies. Nothing happens before there is a shadow.
void poison(u64 address, usize size, Poison reason);
void unpoison(u64 address, usize size);

// The first byte of a range that may not be used, or 0.
u64 first_bad_byte(u64 address, usize size);

enum class Access : u8 { kRead, kWrite };
// Panics, with a report, where the range may not be used.
void check_access(u64 address, usize size, Access access);
[[noreturn]] void report_access(u64 bad, u64 address, usize size, Access access);
// Prints the heap block that `address` lies in or beside: its size, who allocated and freed it.
void describe_block(u64 address);

// Who allocated or freed a block: the innermost callers, as offsets from the start of the kernel's
// code. A block's red zone keeps both, and begins at the next multiple of kHeapAlignment behind it.
struct Trace {
    u32 callers[3];
};
inline constexpr usize kHeapAlignment = 16;
struct RedZone {
    u64 size;  // of the block
    Trace allocated;
    Trace freed;

    // Where the block begins.
    u64 block() const {
        return reinterpret_cast<u64>(this) - align_up(max(size, u64{1}), kHeapAlignment);
    }
};
static_assert(sizeof(RedZone) == 32);
// The callers of the function that calls this one.
void record_trace(Trace& trace);

// A variable of the program with its red zone, as the compiler describes it.
struct GlobalVariable {
    u64 start;
    u64 size;
    u64 size_with_red_zone;
    const char* name;
    const char* file;
    u64 has_constructor;
    const void* place;
    u64 odr_indicator;
};
// The variable whose red zone `address` lies in, or null.
const GlobalVariable* global_near(u64 address);
