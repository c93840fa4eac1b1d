// The boot stage: finds out what the machine has, judges the kernel that it carries, loads it
// segment by segment and jumps to it. Every way out is orderly: into the kernel, or off with an
// exit status and one sentence. Runs on one hart, paging and interrupts off. See docs/boot.md.
#include "base/format.h"
#include "base/string.h"
#include "elf_loader.h"
#include "machine.h"
#include "sbi.h"

extern "C" {
extern char bss_start[], bss_end[];              // boot.ld
extern const u8 payload_start[], payload_end[];  // payload.S
void clear_bss();
[[noreturn]] void boot_main(u64 hart_id, u64 device_tree);
[[noreturn]] void boot_trap(u64 cause, u64 address, u64 value);
[[noreturn]] void boot_stub(const char* name);
}

namespace {

// In bss, to keep the stack small.
constinit Machine machine;
constinit LoadPlan plan;
constinit Refusal refusal;

[[noreturn]] void refuse_to_boot() {
    boot_print("boot: %s\n", refusal.sentence);
    power_off(ExitStatus::kRefused);
}

void print_segment(const Segment& segment) {
    boot_print("boot: segment %u: 0x%lx-0x%lx %c%c%c, 0x%lx bytes from the file\n", segment.header,
               segment.memory.start.value, segment.memory.end().value - 1,
               (segment.flags & PF_R) != 0 ? 'r' : '-', (segment.flags & PF_W) != 0 ? 'w' : '-',
               (segment.flags & PF_X) != 0 ? 'x' : '-', segment.file_size);
}

// The kernel's side of this contract is in kernel/cpu/entry.S: paging off, a0 = hart id,
// a1 = device tree. `entry` is a physical address.
[[noreturn]] void jump_to_kernel(PhysAddr entry, u64 hart_id, PhysAddr device_tree) {
    // BEGIN SOLUTION(boot.jump)
    // The kernel was written as data; no hart may fetch what its instruction cache held before.
    asm volatile("fence.i" ::: "memory");
    auto kernel = reinterpret_cast<void (*)(u64, u64)>(entry.value);
    kernel(hart_id, device_tree.value);
    // END SOLUTION
    // STUB: panic("boot.jump: yours to write");
    panic("the kernel came back");
}

}  // namespace

// Called before anything else in C++: until it returns, no variable has its initial value 0.
void clear_bss() {
    // BEGIN SOLUTION(boot.clear_bss)
    memset(bss_start, 0, static_cast<usize>(bss_end - bss_start));
    // END SOLUTION
    // STUB: panic("boot.clear_bss: yours to write");
}

void boot_main(u64 hart_id, u64 device_tree) {
    const ConstBytes kernel(payload_start, static_cast<usize>(payload_end - payload_start));
    if (!read_machine(PhysAddr(device_tree), machine, refusal) ||
        !elf_validate(kernel, machine.map(), plan, refusal)) {
        refuse_to_boot();
    }
    for (const Segment& segment : Span(plan.segments, plan.count)) {
        print_segment(segment);
        load_segment(kernel, segment, reinterpret_cast<u8*>(segment.memory.start.value));
    }
    boot_print("boot: entry 0x%lx, hart %lu, device tree 0x%lx\n", plan.entry.value, hart_id,
               device_tree);
    jump_to_kernel(plan.entry, hart_id, PhysAddr(device_tree));
}

void panic(const char* text, ...) {
    char reason[160];
    va_list args;
    va_start(args, text);
    format_into_list(reason, sizeof reason, text, args);
    va_end(args);
    boot_print("panic: %s\n", reason);
    power_off(ExitStatus::kPanic);
}

void boot_trap(u64 cause, u64 address, u64 value) {
    panic("trap in the boot stage: scause 0x%lx, sepc 0x%lx, stval 0x%lx", cause, address, value);
}

void boot_stub(const char* name) {
    panic("%s: yours to write", name);
}
