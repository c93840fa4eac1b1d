// Traps: what the hart saves, how the kernel decodes and dispatches it, and the hooks by which upper
// floors take part. Each hook has a default here that fits a kernel with nothing above.
// Reference: RISC-V Privileged Architecture, chapter 4.
#pragma once
#include "base/types.h"

// Register order is x1 … x31, then the CSRs; known to trap_entry.S, sigreturn and gdb scripts.
struct TrapFrame {
    u64 ra, sp, gp, tp;
    u64 t0, t1, t2;
    u64 s0, s1;
    u64 a0, a1, a2, a3, a4, a5, a6, a7;
    u64 s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
    u64 t3, t4, t5, t6;
    u64 sepc, sstatus, scause, stval;
    u64 padding;

    bool from_user() const { return (sstatus & (1 << 8)) == 0; }
    // x1 … x31 by number; x0 is not there.
    u64& x(unsigned number) { return (&ra)[number - 1]; }
};
static_assert(sizeof(TrapFrame) == 36 * 8 && sizeof(TrapFrame) % 16 == 0);

struct TrapHooks {
    // The timer interrupt, with interrupts off. Default: asks for the next one.
    void (*timer)();
    // An inter-processor message other than kStop. Default: nothing.
    void (*message)(u32 messages);
    // At the end of an interrupt taken in kernel mode, interrupts off: may switch threads.
    void (*after_interrupt)();
    // Any trap from user mode, with interrupts off. Default: panic.
    void (*from_user)(TrapFrame& frame);
    // An exception in kernel mode; true if it was handled. Default: false, which panics.
    bool (*kernel_exception)(TrapFrame& frame);
};
extern TrapHooks trap_hooks;

// Handles timer, device or inter-processor interrupt `scause`; for floor process's user traps too.
void handle_interrupt(u64 scause);
// "store page fault" for 15, and so on.
const char* trap_name(u64 scause);
void print_trap_frame(const TrapFrame& frame);

extern "C" {
void trap_entry();                                   // stvec
[[noreturn]] void return_to_user(TrapFrame* frame);  // restores all registers and srets
void trap_dispatch(TrapFrame* frame);                // called by trap_entry
}
