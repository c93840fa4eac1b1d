// What is said of a bad access: the kind, the place, and what lies there; then panic(), with the
// backtrace. Interface: sanitize/shadow.h.
#include "base/panic.h"
#include "base/span.h"
#include "cpu/console.h"
#include "cpu/panic.h"
#include "sanitize/shadow.h"

namespace {

// What the compiler writes at the start of a frame that has red zones.
constexpr u64 kFrameMagic = 0x41b5'8ab3;
constexpr usize kFarthest = 64 * 1024;  // how far to look for a block's ends

u8 mark_at(u64 address) { return has_shadow(address) ? *shadow_of(address) : 0; }
bool is(u8 mark, Poison reason) { return mark == static_cast<u8>(reason); }
bool usable(u8 mark) { return mark < kGranule; }

// The mark that says why: a granule with some usable bytes has the reason behind it.
u8 reason_at(u64 bad) {
    const u8 mark = mark_at(bad);
    return usable(mark) ? mark_at(bad + kGranule) : mark;
}

const char* kind_of(u64 bad) {
    if (!has_shadow(bad)) return "access through a null pointer";
    switch (static_cast<Poison>(reason_at(bad))) {
    case Poison::kFrameFree: return "use of a free page frame";
    case Poison::kHeapFreed: return "use after free of a heap block";
    case Poison::kHeapRedZone: return "out of bounds of a heap block";
    case Poison::kGlobalRedZone: return "out of bounds of a global variable";
    case Poison::kStackScope: return "use of a local variable after its scope";
    case Poison::kStackLeft:
    case Poison::kStackMiddle:
    case Poison::kStackRight: return "out of bounds of a local variable";
    }
    return "access to memory that is not to be used";
}

void print_trace(const char* what, const Trace& trace) {
    kprintf("  %s by:\n", what);
    for (u32 caller : trace.callers) {
        const u64 address = reinterpret_cast<u64>(kernel_start) + caller;
        // As in backtraces: the call is before the address it returns to.
        const Symbol symbol = symbol_at(address - 2);
        if (caller != 0 && symbol.name != nullptr) {
            kprintf("    %#lx %s+%#lx\n", address, symbol.name, symbol.offset + 2);
        }
    }
}

// From `at` upward (or downward) to the first granule for which `wanted` does not hold.
template <typename F> u64 while_marks(u64 at, i64 step, F wanted) {
    for (usize far = 0; far < kFarthest && has_shadow(at) && wanted(mark_at(at)); far += kGranule) {
        at += static_cast<u64>(step);
    }
    return at;
}

// The compiler's description: how many variables, then for each offset, size, length of its name,
// and its name, which may say ":line".
void describe_stack(u64 bad) {
    constexpr i64 kDown = -static_cast<i64>(kGranule);
    u64 at = while_marks(align_down(bad, kGranule), kDown,
                         [](u8 mark) { return !is(mark, Poison::kStackLeft); });
    at = while_marks(at, kDown, [](u8 mark) { return is(mark, Poison::kStackLeft); }) + kGranule;
    if (!has_shadow(at)) return;
    const u64* frame = reinterpret_cast<const u64*>(at);
    if (frame[0] != kFrameMagic) return;
    kprintf("  that is %lu bytes into the frame of %s, whose variables are\n", bad - at,
            symbol_at(frame[2]).name);
    kprintf("  (count; then for each: place, size, length of name, name:line)\n    %s\n",
            reinterpret_cast<const char*>(frame[1]));
}

void describe_global(u64 bad) {
    const GlobalVariable* v = global_near(bad);
    if (v == nullptr) return;
    kprintf("  that is %lu bytes after '%s', %lu bytes at %#lx (%s)\n", bad - v->start - v->size,
            v->name, v->size, v->start, v->file);
}

}  // namespace

// A block is: usable or freed bytes, then its red zone, which begins with its size and who allocated it.
void describe_block(u64 bad) {
    const auto in_zone = [](u8 mark) { return is(mark, Poison::kHeapRedZone); };
    const auto in_block = [](u8 mark) { return usable(mark) || is(mark, Poison::kHeapFreed); };
    constexpr i64 kUp = kGranule, kDown = -static_cast<i64>(kGranule);
    const u64 granule = align_down(bad, kGranule);
    u64 inside = granule;  // some granule of the block
    if (in_zone(mark_at(granule))) {
        const u64 below = while_marks(granule, kDown, in_zone);
        const u64 above = while_marks(granule, kUp, in_zone);
        inside = in_block(mark_at(above)) && above - granule < granule - below ? above : below;
    }
    if (!has_shadow(inside) || !in_block(mark_at(inside))) return;
    const u64 zone = align_up(while_marks(inside, kUp, in_block), kHeapAlignment);
    if (!in_zone(mark_at(zone)) || !in_zone(mark_at(zone + sizeof(RedZone) - 1))) return;
    const auto& red_zone = *reinterpret_cast<const RedZone*>(zone);
    const u64 start = red_zone.block();
    const u64 end = start + red_zone.size;
    const bool freed = is(mark_at(start), Poison::kHeapFreed);
    if (bad < start)
        kprintf("  that is %lu bytes before", start - bad);
    else if (bad >= end)
        kprintf("  that is %lu bytes after", bad - end);
    else
        kprintf("  that is %lu bytes into", bad - start);
    kprintf(" a%s heap block of %lu bytes at %#lx\n", freed ? " freed" : "", red_zone.size, start);
    print_trace("allocated", red_zone.allocated);
    if (freed) print_trace("freed", red_zone.freed);
}

static void describe(u64 bad) {
    const u8 reason = reason_at(bad);
    if (is(reason, Poison::kHeapFreed) || is(reason, Poison::kHeapRedZone)) describe_block(bad);
    if (is(reason, Poison::kGlobalRedZone)) describe_global(bad);
    if (reason >= static_cast<u8>(Poison::kStackLeft) &&
        reason <= static_cast<u8>(Poison::kStackScope)) {
        describe_stack(bad);
    }
}

void report_access(u64 bad, u64 address, usize size, Access access) {
    disable_interrupts();
    kprintf("\nsanitizer: %s\n", kind_of(bad));
    if (has_shadow(bad)) describe(bad);
    panic("sanitizer: %s: %s of %lu byte%s at %#lx", kind_of(bad),
          access == Access::kRead ? "read" : "write", size, size == 1 ? "" : "s", address);
}
