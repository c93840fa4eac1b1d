// What the compiler calls: before each access, around the life of a local variable, and before
// what does not return; and the memory functions with their ranges checked, which the linker puts
// in the place of the plain ones (sanitize.mk). Interface: sanitize/shadow.h.
#include "base/span.h"
#include "base/string.h"
#include "cpu/panic.h"
#include "sanitize/shadow.h"

void check_access(u64 address, usize size, Access access) {
    if (!shadow_ready || size == 0) return;
    u64 bad = address;
    bool wrong = address < kPageSize;
    if (has_shadow(address)) [[likely]] {
        bad = first_bad_byte(address, size);
        wrong = bad != 0;
    }
    // A report looks everywhere.
    if (wrong && !panicking()) [[unlikely]]
        report_access(bad, address, size, access);
}

extern "C" {

#define CHECKS(size)                                                                               \
    void __asan_load##size##_noabort(u64 address) { check_access(address, size, Access::kRead); }  \
    void __asan_store##size##_noabort(u64 address) { check_access(address, size, Access::kWrite); }
CHECKS(1)
CHECKS(2)
CHECKS(4)
CHECKS(8)
CHECKS(16)

void __asan_loadN_noabort(u64 address, usize size) { check_access(address, size, Access::kRead); }
void __asan_storeN_noabort(u64 address, usize size) { check_access(address, size, Access::kWrite); }

void __asan_poison_stack_memory(u64 address, usize size) {
    poison(address, size, Poison::kStackScope);
}
void __asan_unpoison_stack_memory(u64 address, usize size) { unpoison(address, size); }

// The frames up to the top of this stack are left without their red zones being wiped.
void __asan_handle_no_return() {
    const u64 here = align_down(reinterpret_cast<u64>(__builtin_frame_address(0)), kGranule);
    if (has_shadow(here)) unpoison(here, align_up(here, kStackSlot) - here);
}

void* __real_memcpy(void* to, const void* from, usize size);
void* __real_memmove(void* to, const void* from, usize size);
void* __real_memset(void* to, int byte, usize size);
int __real_memcmp(const void* a, const void* b, usize size);

static void check_range(const void* start, usize size, Access access) {
    check_access(reinterpret_cast<u64>(start), size, access);
}

void* __wrap_memcpy(void* to, const void* from, usize size) {
    check_range(from, size, Access::kRead);
    check_range(to, size, Access::kWrite);
    return __real_memcpy(to, from, size);
}

void* __wrap_memmove(void* to, const void* from, usize size) {
    check_range(from, size, Access::kRead);
    check_range(to, size, Access::kWrite);
    return __real_memmove(to, from, size);
}

void* __wrap_memset(void* to, int byte, usize size) {
    check_range(to, size, Access::kWrite);
    return __real_memset(to, byte, size);
}

int __wrap_memcmp(const void* a, const void* b, usize size) {
    check_range(a, size, Access::kRead);
    check_range(b, size, Access::kRead);
    return __real_memcmp(a, b, size);
}

usize __wrap_strlen(const char* text) {
    usize length = 0;
    for (;; length++) {
        check_range(text + length, 1, Access::kRead);
        if (text[length] == '\0') return length;
    }
}

}  // extern "C"

void record_trace(Trace& trace) {
    const u64 base = reinterpret_cast<u64>(kernel_start);
    // The frame of the function that calls this one.
    u64 frame = static_cast<const u64*>(__builtin_frame_address(0))[-2];
    for (u32& caller : trace.callers) {
        caller = 0;
        if (frame % 8 != 0 || !has_shadow(frame - 16)) continue;
        const u64* words = reinterpret_cast<const u64*>(frame);
        caller = static_cast<u32>(words[-1] - base);
        // Callers' frames lie higher, on the same stack.
        frame = words[-2] > frame && words[-2] - frame < kStackSize ? words[-2] : 1;
    }
}
