// What a panic does beside panic() itself (base/panic.h): it stops all harts, prints the reason,
// the registers where it knows them, a symbolised backtrace and the locks that are held, and ends
// QEMU with kExitPanic.
#pragma once
#include "cpu/hart.h"
#include "cpu/trap.h"

// panic() for a trap: the backtrace starts where the trap happened.
[[noreturn]] void panic_at(const TrapFrame& frame, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

bool panicking();
// Adds to a panic's report what an upper floor knows about a hart, each on lines of its own.
extern void (*report_hart)(const Hart& hart);
// Parks this hart for good if another one panics; spinning loops call it.
void stop_if_panicking();

// Prints the chain of callers from a frame pointer on, with names. Bounded and careful: it may be
// called with a damaged stack.
void print_backtrace(u64 frame_pointer);
// The same, from where the trap happened.
void print_trap_backtrace(const TrapFrame& frame);

struct Symbol {
    const char* name;  // null: no function there
    u64 offset;        // from the start of the function
};
Symbol symbol_at(u64 address);
