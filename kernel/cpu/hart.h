// What the kernel keeps for each hart (RISC-V's word for a CPU core), reached through tp.
// In the kernel tp always points to the running hart's Hart; in user mode sscratch does.
// Only the hart itself touches its Hart, with interrupts off, but for the fields marked shared.
#pragma once
#include "base/atomic.h"
#include "base/types.h"
#include "cpu/csr.h"

class SpinLock;
class Thread;

inline constexpr unsigned kMaxHarts = 8;
inline constexpr unsigned kMaxHeldLocks = 16;

struct Hart {
    // Offsets known to trap_entry.S and switch.S; see the static_asserts in hart.cc.
    u64 user_frame_top = 0;     // where trap entry from user mode builds its TrapFrame
    u64 scratch = 0;            // one register, for the first instructions of trap entry
    u64 emergency_stack = 0;    // top of a stack for reporting a kernel stack overflow
    Thread* current = nullptr;  // the running thread; null below floor thread

    unsigned index = 0;               // 0 … hart_count() - 1, in boot order
    u64 id = 0;                       // as SBI and the device tree number it
    u32 interrupts_off = 0;           // nested InterruptsOff guards and spinlocks
    bool interrupts_were_on = false;  // before the first of them
    bool in_interrupt = false;
    Atomic<u32> messages{0};      // shared: reasons for an inter-processor interrupt, as bits
    Atomic<bool> started{false};  // shared: it has come up

    // Debug builds: what is held now, for rank checks and panic reports.
    SpinLock* held_locks[kMaxHeldLocks] = {};
    u32 held_count = 0;
};

// The hart that runs this code. Meaningful only while the thread cannot move to another hart: with
// interrupts off.
inline Hart& this_hart() {
    Hart* hart;
    asm volatile("mv %0, tp" : "=r"(hart));
    return *hart;
}

unsigned hart_count();
Hart& hart(unsigned index);

// Starts all other harts of the device tree through SBI HSM; each enables its traps and calls
// `entry` on the stack whose top `stack_top(index)` gives (0: do not start it).
void start_other_harts(void (*entry)(), u64 (*stack_top)(unsigned index));
// Asks again for those that were sent to the boot stage instead, and stopped there (boot/start.S).
void restart_lost_harts();

// The satp that harts started from now on use once they run at linked addresses; 0: they stay on
// the first table of entry.S. Floor mm sets it.
extern u64 satp_for_new_harts;

// Interrupts are off between these two, on this hart; they nest.
inline void push_interrupts_off() {
    u64 before;
    asm volatile("csrrci %0, sstatus, 2" : "=r"(before)::"memory");
    Hart& hart = this_hart();
    if (hart.interrupts_off++ == 0) hart.interrupts_were_on = (before & SSTATUS_SIE) != 0;
}

inline void pop_interrupts_off() {
    Hart& hart = this_hart();
    if (--hart.interrupts_off == 0 && hart.interrupts_were_on) enable_interrupts();
}

class InterruptsOff : Immovable {
  public:
    InterruptsOff() { push_interrupts_off(); }
    ~InterruptsOff() { pop_interrupts_off(); }
};

// Inter-processor interrupts: makes `index` run the handlers of these message bits.
enum class HartMessage : u32 { kReschedule = 1, kStop = 2, kFlushTlb = 4 };
void send_message(unsigned index, HartMessage message);
