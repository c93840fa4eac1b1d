// Who called whom: walks the frame pointers that every function of the kernel keeps
// (-fno-omit-frame-pointer), and names addresses by the table that the build links in
// (tools/symbols.awk). Frame layout: RISC-V ELF psABI, "frame pointer": s0 points above the saved ra
// (s0 - 8) and the caller's s0 (s0 - 16).
#include "base/string.h"
#include "cpu/console.h"
#include "cpu/layout.h"
#include "cpu/panic.h"

// The table: offsets from kernel_start in ascending order, then each name's offset in the text.
// Weak, for the first of the two links, which makes the list of symbols.
extern "C" {
[[gnu::weak]] extern const u32 symbol_count;
[[gnu::weak]] extern const u32 symbol_offsets[];
[[gnu::weak]] extern const u32 symbol_names[];
[[gnu::weak]] extern const char symbol_text[];
}

namespace {

constexpr unsigned kMaxDepth = 24;

bool in_text(u64 address) {
    return address >= reinterpret_cast<u64>(kernel_start) &&
           address < reinterpret_cast<u64>(text_end);
}

// Whether two words below `frame_pointer` can be read: it is aligned, and inside a kernel stack.
bool plausible_frame(u64 frame_pointer) {
    bool stack_region = frame_pointer > kStackBase;
    bool boot_stack = frame_pointer >= reinterpret_cast<u64>(kernel_start) &&
                      frame_pointer <= reinterpret_cast<u64>(kernel_end);
    bool in_stack_half = ((frame_pointer - 16) & kStackSize) != 0;
    return frame_pointer % 8 == 0 && (stack_region || boot_stack) && in_stack_half;
}

// A return address may be the first of the next function, after a call that never comes back: the
// call itself is what to name, two bytes before.
void print_caller(u64 return_address) {
    Symbol symbol = symbol_at(return_address - 2);
    if (symbol.name != nullptr)
        kprintf("  %#lx %s+%#lx\n", return_address, symbol.name, symbol.offset + 2);
    else
        kprintf("  %#lx\n", return_address);
}

}  // namespace

Symbol symbol_at(u64 address) {
    if (&symbol_count == nullptr || !in_text(address)) return {nullptr, 0};
    u32 wanted = static_cast<u32>(address - reinterpret_cast<u64>(kernel_start));
    u32 low = 0, high = symbol_count;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        (symbol_offsets[middle] <= wanted ? low : high) = middle;
    }
    return {symbol_text + symbol_names[low], wanted - symbol_offsets[low]};
}

// BEGIN SOLUTION(console.backtrace)
void print_backtrace(u64 frame_pointer) {
    for (unsigned depth = 0; depth < kMaxDepth && plausible_frame(frame_pointer); depth++) {
        const u64* frame = reinterpret_cast<const u64*>(frame_pointer);
        u64 return_address = frame[-1];
        if (!in_text(return_address)) return;
        print_caller(return_address);
        if (frame[-2] <= frame_pointer) return;  // callers' frames lie higher: this would be a loop
        frame_pointer = frame[-2];
    }
}
// END SOLUTION
// STUB: void print_backtrace(u64 frame_pointer) {
// STUB:     static_cast<void>(plausible_frame), static_cast<void>(frame_pointer);
// STUB:     static_cast<void>(kMaxDepth);
// STUB:     kprintf("console.backtrace: yours to write\n");
// STUB: }
// UNTIL: void print_backtrace(u64 frame_pointer) {
// UNTIL:     static_cast<void>(plausible_frame), static_cast<void>(frame_pointer);
// UNTIL:     static_cast<void>(kMaxDepth);
// UNTIL: }

void print_trap_backtrace(const TrapFrame& frame) {
    u64 frame_pointer = frame.s0;
    print_caller(frame.sepc + 2);
    // A function that calls none has its return address in ra alone, and keeps its caller's frame
    // pointer where others keep ra. After a jump to nowhere, ra tells who jumped.
    bool nowhere = !in_text(frame.sepc);
    u64 kept = plausible_frame(frame_pointer) ? reinterpret_cast<u64*>(frame_pointer)[-1] : 0;
    if (nowhere || !in_text(kept)) print_caller(frame.ra);
    if (!nowhere && !in_text(kept)) frame_pointer = kept;
    print_backtrace(frame_pointer);
}

void print_trap_frame(const TrapFrame& frame) {
    // Three characters each, in the order of the frame.
    static constexpr char kNames[] = "ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 "
                                     "s2 s3 s4 s5 s6 s7 s8 s9 s10s11t3 t4 t5 t6 ";
    kprintf("  sepc %#lx  sstatus %#lx  scause %#lx  stval %#lx\n", frame.sepc, frame.sstatus,
            frame.scause, frame.stval);
    for (unsigned i = 0; i < sizeof kNames / 3; i++) {
        kprintf("  %.3s %016lx%s", kNames + 3 * i, (&frame.ra)[i], i % 4 == 3 ? "\n" : "");
    }
    kprintf("\n");
}
