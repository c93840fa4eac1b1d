// The platform-level interrupt controller: enables the sources that drivers asked for on every
// hart, and hands claimed interrupts to them. The first hart to claim one handles it.
// Registers: RISC-V PLIC specification 1.0; contexts from "interrupts-extended" of its node.
#include "cpu/console.h"
#include "cpu/cpu.h"
#include "cpu/interrupt.h"
#include "cpu/layout.h"
#include "cpu/machine.h"
#include "cpu/spinlock.h"

namespace {

constexpr u32 kMaxSources = 128;
constexpr u64 kEnableBase = 0x2000, kEnableStride = 0x80;
constexpr u64 kContextBase = 0x200000, kContextStride = 0x1000;
constexpr u32 kSupervisorExternal = 9;  // the number in interrupts-extended

struct Handler {
    InterruptHandler run = nullptr;
    void* context = nullptr;
};

constinit SpinLock plic_lock{LockRank::kInterrupts, "interrupt controller"};
constinit Array<Handler, kMaxSources> handlers{};
constinit u64 plic = 0;  // its registers, in the linear map; 0 where there is none
constinit Array<u32, kMaxHarts> contexts{};  // of each hart in S-mode, plus 1; 0 where it has none

volatile u32& plic_register(u64 offset) { return *reinterpret_cast<volatile u32*>(plic + offset); }

volatile u32& context_register(u64 offset) {
    return plic_register(kContextBase + (contexts[this_hart().index] - 1) * kContextStride +
                         offset);
}

void enable_source(u32 irq, u32 context) {
    if (context-- == 0) return;
    u64 offset = kEnableBase + context * kEnableStride + irq / 32 * 4;
    plic_register(offset) = plic_register(offset) | 1u << (irq % 32);
}

// The index of the hart whose interrupt controller has this phandle, or hart_count().
unsigned hart_of_controller(u32 phandle) {
    TreeNode cpu = device_tree().find_phandle(phandle).parent();
    u64 id = cpu.property("reg").number().value_or(~u64{0});
    unsigned index = 0;
    while (index < hart_count() && hart(index).id != id) index++;
    return index;
}

// Each pair (phandle of a hart's controller, interrupt number) is one context, in order.
void read_contexts(TreeNode node, u64 size) {
    TreeProperty extended = node.property("interrupts-extended");
    for (u32 context = 0; 2 * context + 1 < extended.cells(); context++) {
        if (kContextBase + (context + 1) * kContextStride > size) return;
        unsigned index = hart_of_controller(extended.cell(2 * context));
        if (index < hart_count() && extended.cell(2 * context + 1) == kSupervisorExternal) {
            contexts[index] = context + 1;
        }
    }
}

}  // namespace

void setup_interrupts_on_this_hart() {
    if (plic != 0 && contexts[this_hart().index] != 0) {
        context_register(0) = 0;  // threshold: every priority above 0 passes
        set_csr_bits(sie, SIE_SEIE);
    }
}

void setup_interrupts() {
    TreeNode node = device_tree().find_compatible("riscv,plic0");
    Result<PhysRange> registers = node.reg();
    if (!registers.ok()) {
        kprintf("cpu: the device tree has no PLIC; devices cannot interrupt\n");
        return;
    }
    plic = reinterpret_cast<u64>(linear_pointer(registers->start));
    read_contexts(node, registers->size);
    setup_interrupts_on_this_hart();
}

void handle_device_interrupt(u32 irq, InterruptHandler handler, void* context) {
    if (plic == 0) return;
    SpinGuard guard(plic_lock);
    ASSERT(irq > 0 && irq < kMaxSources && handlers[irq].run == nullptr);
    handlers[irq] = {handler, context};
    plic_register(irq * 4) = 1;  // priority
    for (unsigned i = 0; i < hart_count(); i++) enable_source(irq, contexts[i]);
}

void take_device_interrupts() {
    constexpr u64 kClaim = 4;
    for (u32 irq = context_register(kClaim); irq != 0; irq = context_register(kClaim)) {
        if (irq < kMaxSources && handlers[irq].run != nullptr) {
            handlers[irq].run(handlers[irq].context);
        }
        context_register(kClaim) = irq;
    }
}
