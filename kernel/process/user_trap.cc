// Traps from user mode: system calls, page faults, signals for what a program does wrong, and
// interrupts; and the way back.
#include "cpu/console.h"
#include "cpu/csr.h"
#include "cpu/init.h"
#include "cpu/panic.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"
#include "thread/scheduler.h"

namespace {

constexpr u64 kSystemCallSize = 4;  // ecall has no compressed form

void handle_page_fault(TrapFrame& frame, Access access) {
    Process& process = current_process();
    Result<Ref<Frame>> there = process.space->resolve(VirtAddr(frame.stval), access);
    process.minor_faults.fetch_add(1);
    if (there.ok()) return;
    switch (there.error().number) {
    case ENOMEM:  // the program tries again
        // Process 1 alone has nobody who could make room for it: the machine ends, in order.
        if (process.pid == 1 && process_count() == 1) exit_process(SIGKILL);
        if (!page_fault_failed_on_purpose()) relieve_memory();
        break;
    case EFAULT: force_signal(SIGSEGV, SEGV_MAPERR, frame.stval); break;
    case EACCES: force_signal(SIGSEGV, SEGV_ACCERR, frame.stval); break;
    default: force_signal(SIGBUS, BUS_ADRERR, frame.stval);
    }
}

// The first floating-point instruction of a thread traps, because its registers are off: then they
// start as zeroes. Any other illegal instruction is the program's fault.
void handle_illegal_instruction(TrapFrame& frame) {
    if ((frame.sstatus & SSTATUS_FS) == 0) {
        InterruptsOff off;
        current_user_thread().load_fp(frame);
    } else {
        force_signal(SIGILL, ILL_ILLOPC, frame.sepc);
    }
}

void handle_system_call(TrapFrame& frame) {
    UserThread& thread = current_user_thread();
    frame.sepc += kSystemCallSize;
    if (!thread.traces_calls || trace_call_entry()) dispatch_syscall(frame);
    if (thread.traces_calls) [[unlikely]]
        trace_call_exit();
    thread.resumed_deadline = 0;
}

void handle_exception(TrapFrame& frame) {
    // Not in the switch, as its table would cost every call some instructions.
    if (frame.scause == kUserEcall) [[likely]]
        return handle_system_call(frame);
    switch (frame.scause) {
    case kLoadPageFault: handle_page_fault(frame, Access::kRead); break;
    case kStorePageFault: handle_page_fault(frame, Access::kWrite); break;
    case kInstructionPageFault: handle_page_fault(frame, Access::kExecute); break;
    case kIllegalInstruction: handle_illegal_instruction(frame); break;
    case kBreakpoint: force_signal(SIGTRAP, TRAP_BRKPT, frame.sepc); break;
    case kInstructionMisaligned:
    case kLoadMisaligned:
    case kStoreMisaligned: force_signal(SIGBUS, BUS_ADRALN, frame.stval); break;
    case kInstructionAccessFault:
    case kLoadAccessFault:
    case kStoreAccessFault: force_signal(SIGSEGV, SEGV_ACCERR, frame.stval); break;
    default: panic_at(frame, "%s in user mode", trap_name(frame.scause));
    }
}

// Signals first, as they may end the process, then the scheduler; again, if that brought signals.
void prepare_return(TrapFrame& frame) {
    for (;;) {
        // Also a mask that was set for one call only is taken back there.
        Process& process = current_user_thread().process();
        if (current_thread().interrupted() || process.signals.restore_blocked) {
            enable_interrupts();
            deliver_signals(frame);
            disable_interrupts();
        }
        preempt_if_needed();
        if (!current_thread().interrupted()) return;
    }
}

void setup_user_traps() { trap_hooks.from_user = handle_user_trap; }
INIT(Stage::kProcesses, setup_user_traps);

}  // namespace

// BEGIN SOLUTION(user.trap)
void handle_user_trap(TrapFrame& frame) {
    if ((frame.scause & SCAUSE_INTERRUPT) != 0) {
        handle_interrupt(frame.scause);
    } else {
        enable_interrupts();
        handle_exception(frame);
        disable_interrupts();
    }
    prepare_return(frame);
}
// END SOLUTION
// STUB: void handle_user_trap(TrapFrame&) {
// STUB:     static_cast<void>(handle_exception), static_cast<void>(prepare_return);
// STUB:     panic("user.trap: yours to write");
// STUB: }

void enter_user_mode() {
    disable_interrupts();
    TrapFrame& frame = current_user_frame();
    prepare_return(frame);
    return_to_user(&frame);
}
