// The end of the kernel. See panic.h.
#include "cpu/panic.h"

#include "base/panic.h"
#include "cpu/console.h"
#include "cpu/hart.h"
#include "cpu/power.h"
#include "cpu/sbi.h"
#include "cpu/spinlock.h"

namespace {

constexpr unsigned kNobody = ~0u;
constinit Atomic<u32> panicking_hart{kNobody};

void stop_other_harts() {
    for (unsigned i = 0; i < hart_count(); i++) {
        if (i != this_hart().index) send_message(i, HartMessage::kStop);
    }
}

// The first hart to panic reports; a second one parks; the same one again ends at once.
void enter_panic() {
    disable_interrupts();
    u32 expected = kNobody;
    if (panicking_hart.compare_exchange(expected, this_hart().index)) {
        stop_other_harts();
    } else if (expected == this_hart().index) {
        kprintf("\npanic: again, while reporting the first one\n");
        power_off(kExitPanic);
    } else {
        stop_if_panicking();
    }
}

// The backtrace starts at the trap or, where there is none, at `frame_pointer`.
[[noreturn]] void report_panic(const TrapFrame* frame, u64 frame_pointer, const char* reason,
                               va_list args) {
    enter_panic();
    kprintf("\npanic: hart %u: ", this_hart().index);
    kprintf_list(reason, args);
    kprintf("\n");
    if (frame != nullptr) print_trap_frame(*frame);
    kprintf("backtrace:\n");
    if (frame != nullptr)
        print_trap_backtrace(*frame);
    else
        print_backtrace(frame_pointer);
    for (unsigned i = 0; i < hart_count(); i++) {
        print_held_locks(hart(i));
        report_hart(hart(i));
    }
    power_off(kExitPanic);
}

void report_nothing(const Hart&) {}

}  // namespace

void (*report_hart)(const Hart& hart) = report_nothing;

bool panicking() { return panicking_hart.load() != kNobody; }

void stop_if_panicking() {
    if (panicking() && panicking_hart.load() != this_hart().index) {
        clear_csr_bits(sie, SIE_SSIE | SIE_STIE | SIE_SEIE);
        for (;;) wait_for_interrupt();
    }
}

void panic(const char* reason, ...) {
    va_list args;
    va_start(args, reason);
    report_panic(nullptr, reinterpret_cast<u64>(__builtin_frame_address(0)), reason, args);
}

void panic_at(const TrapFrame& frame, const char* reason, ...) {
    va_list args;
    va_start(args, reason);
    report_panic(&frame, 0, reason, args);
}

// Not by kprintf, whose own parts may be the ones that are missing.
extern "C" void stub_reached(const char* part) {
    disable_interrupts();
    sbi_print("\npanic: %s: yours to write\n", part);
    power_off(kExitPanic);
}
