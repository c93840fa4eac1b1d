// Decodes traps and dispatches them. See trap.h.
#include "cpu/trap.h"

#include "cpu/console.h"
#include "cpu/cpu.h"
#include "cpu/csr.h"
#include "cpu/hart.h"
#include "cpu/interrupt.h"
#include "cpu/panic.h"
#include "cpu/time.h"

namespace {

void ignore_messages(u32) {}
void nothing_after_interrupt() {}
bool handle_no_exception(TrapFrame&) { return false; }

void report_user_trap(TrapFrame& frame) {
    panic_at(frame, "%s in user mode, which nothing here runs", trap_name(frame.scause));
}

void take_messages() {
    clear_csr_bits(sip, SIE_SSIE);
    u32 messages = this_hart().messages.exchange(0);
    if ((messages & static_cast<u32>(HartMessage::kStop)) != 0) stop_if_panicking();
    trap_hooks.message(messages);
}

}  // namespace

constinit TrapHooks trap_hooks = {
    .timer = ask_for_next_tick,
    .message = ignore_messages,
    .after_interrupt = nothing_after_interrupt,
    .from_user = report_user_trap,
    .kernel_exception = handle_no_exception,
};

const char* trap_name(u64 scause) {
    static constexpr const char* kNames[] = {"misaligned instruction address",
                                             "instruction access fault",
                                             "illegal instruction",
                                             "breakpoint",
                                             "misaligned load",
                                             "load access fault",
                                             "misaligned store or atomic",
                                             "store access fault",
                                             "system call",
                                             "system call of the kernel",
                                             "unknown trap",
                                             "unknown trap",
                                             "instruction page fault",
                                             "load page fault",
                                             "unknown trap",
                                             "store page fault"};
    return scause < array_size(kNames) ? kNames[scause] : "unknown trap";
}

void handle_interrupt(u64 scause) {
    Hart& hart = this_hart();
    hart.in_interrupt = true;
    switch (scause & ~SCAUSE_INTERRUPT) {
    case kTimerInterrupt: trap_hooks.timer(); break;
    case kSoftwareInterrupt: take_messages(); break;
    case kExternalInterrupt: take_device_interrupts(); break;
    default: kprintf("trap: interrupt %lu has no handler\n", scause & ~SCAUSE_INTERRUPT);
    }
    hart.in_interrupt = false;
}

// BEGIN SOLUTION(console.trap_dispatch)
// An ebreak in the kernel is a place to stop for a debugger; without one it is reported and passed.
static void pass_breakpoint(TrapFrame& frame) {
    kprintf("breakpoint at %#lx\n", frame.sepc);
    // The two lowest bits of an instruction are 11 unless it is compressed.
    const u8* instruction = reinterpret_cast<const u8*>(frame.sepc);
    frame.sepc += (*instruction & 3) == 3 ? 4 : 2;
}

void trap_dispatch(TrapFrame* frame) {
    if (frame->from_user()) {
        trap_hooks.from_user(*frame);
    } else if ((frame->scause & SCAUSE_INTERRUPT) != 0) {
        handle_interrupt(frame->scause);
        trap_hooks.after_interrupt();
    } else if (frame->scause == kBreakpoint) {
        pass_breakpoint(*frame);
    } else if (!trap_hooks.kernel_exception(*frame)) {
        panic_at(*frame, "%s in the kernel", trap_name(frame->scause));
    }
}
// END SOLUTION
// STUB: void trap_dispatch(TrapFrame* frame) {
// STUB:     static_cast<void>(frame);
// STUB:     panic("console.trap_dispatch: yours to write");
// STUB: }
// UNTIL: void trap_dispatch(TrapFrame* frame) {
// UNTIL:     panic("a trap, scause %#lx: this kernel handles none yet", frame->scause);
// UNTIL: }

void setup_traps_on_this_hart() {
    write_csr(stvec, reinterpret_cast<u64>(trap_entry));
    set_csr_bits(sie, SIE_SSIE);
}

// Reached from trap_entry.S when sp has left its stack.
extern "C" [[noreturn]] void report_stack_overflow(u64 sp, u64 sepc) {
    panic("kernel stack overflow in %s: sp %#lx, pc %#lx", symbol_at(sepc).name, sp, sepc);
}
