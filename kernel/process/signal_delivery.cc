// Delivering signals, on the way back to user mode: the default actions, and running a handler by
// building a frame on the user stack that rt_sigreturn takes down again.
// Reference: sigaction(2), rt_sigreturn(2); abi/signal.h has the frame.
#include "abi/wait.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"

namespace {

struct Delivery {
    siginfo_t info = {};
    struct sigaction action = {};
    stack_t alternate = {};
    u64 mask_before = 0;
    bool traced = false;
};

// Takes the next signal to act on: faults and SIGKILL first, then by number. False: none is left.
bool take_signal(Signals& signals, Delivery& next) {
    constexpr u64 kFirst = signal_bit(SIGKILL) | signal_bit(SIGSEGV) | signal_bit(SIGBUS) |
                           signal_bit(SIGILL) | signal_bit(SIGTRAP) | signal_bit(SIGFPE);
    SpinGuard guard(signals.lock);
    u64 ready = signals.ready();
    if (ready == 0) {
        current_thread().clear_interrupt();
        if (exchange(signals.restore_blocked, false)) signals.block(signals.saved_blocked);
        return false;
    }
    u64 choice = (ready & kFirst) != 0 ? ready & kFirst : ready;
    int signal = static_cast<int>(lowest_bit(choice)) + 1;
    // SIGKILL stays: relieve_memory() sees that somebody is on the way out.
    siginfo_t info = signal == SIGKILL ? signals.infos[SIGKILL] : signals.take(signal);
    next = {info, signals.actions[signal], signals.alternate,
            signals.restore_blocked ? signals.saved_blocked : signals.blocked, signals.traced};
    next.info.si_signo = signal;
    bool stops = (signal_bit(signal) & kStopSignals) != 0;
    if (stops && next.action.sa_handler == SIG_DFL) signals.stopping = true;
    return true;
}

// Shows the signal to the tracer, if there is one, who may put another in its place. False: or none.
bool pass_tracer(Signals& signals, Delivery& next) {
    if (!next.traced || next.info.si_signo == SIGKILL) return true;
    int signal = trace_signal(next.info);
    if (signal == next.info.si_signo) return true;
    SpinGuard guard(signals.lock);
    signals.stopping = false;
    if (signal == 0) return false;
    next.info = signal_info(signal, SI_USER);
    next.action = signals.actions[signal];
    return true;
}

// While a handler runs, its signal and those that its action names are blocked.
void enter_handler_mask(Signals& signals, const Delivery& delivery) {
    SpinGuard guard(signals.lock);
    const struct sigaction& action = delivery.action;
    u64 own = (action.sa_flags & SA_NODEFER) == 0 ? signal_bit(delivery.info.si_signo) : 0;
    signals.restore_blocked = false;
    signals.block(delivery.mask_before | action.sa_mask | own);
    if ((action.sa_flags & SA_RESETHAND) != 0) {
        signals.actions[delivery.info.si_signo].sa_handler = SIG_DFL;
    }
}

u64 handler_stack(const Delivery& delivery, u64 sp) {
    const stack_t& stack = delivery.alternate;
    bool wanted = (delivery.action.sa_flags & SA_ONSTACK) != 0;
    bool usable = (stack.ss_flags & SS_DISABLE) == 0 && !on_alternate_stack(stack, sp);
    return wanted && usable ? reinterpret_cast<u64>(stack.ss_sp) + stack.ss_size : sp;
}

void save_context(ucontext_t& context, const Delivery& delivery, TrapFrame& frame) {
    context.uc_stack = delivery.alternate;
    context.uc_stack.ss_flags |= on_alternate_stack(delivery.alternate, frame.sp) ? SS_ONSTACK : 0;
    context.uc_sigmask = delivery.mask_before;
    context.uc_mcontext.gregs[REG_PC] = frame.sepc;
    for (unsigned i = 1; i < 32; i++) context.uc_mcontext.gregs[i] = frame.x(i);
    UserThread& thread = current_user_thread();
    {
        InterruptsOff off;
        thread.save_fp(frame);
    }
    memcpy(context.uc_mcontext.fpstate.f, thread.fp_registers().f, sizeof(FpRegisters::f));
    context.uc_mcontext.fpstate.fcsr = static_cast<u32>(thread.fp_registers().fcsr);
}

// BEGIN SOLUTION(files.signal_frame)
// EFAULT where the user stack does not take the frame.
Result<void> push_signal_frame(const Delivery& delivery, TrapFrame& frame) {
    Owned<struct rt_sigframe> saved = TRY(make<struct rt_sigframe>());
    memset(saved.get(), 0, sizeof *saved);
    saved->info = delivery.info;
    save_context(saved->uc, delivery, frame);
    u64 sp = align_down(handler_stack(delivery, frame.sp) - sizeof *saved, 16);
    TRY(current_process().space->copy_out(VirtAddr(sp), saved.get(), sizeof *saved));
    frame.sp = sp;
    frame.ra = kTrampolineAddress;
    frame.sepc = reinterpret_cast<u64>(delivery.action.sa_handler);
    frame.a0 = static_cast<u64>(delivery.info.si_signo);
    frame.a1 = sp + offsetof(struct rt_sigframe, info);
    frame.a2 = sp + offsetof(struct rt_sigframe, uc);
    return {};
}
// END SOLUTION
// STUB: Result<void> push_signal_frame(const Delivery&, TrapFrame&) {
// STUB:     static_cast<void>(save_context), static_cast<void>(handler_stack);
// STUB:     panic("files.signal_frame: yours to write");
// STUB: }
// UNTIL: Result<void> push_signal_frame(const Delivery&, TrapFrame&) {
// UNTIL:     static_cast<void>(save_context), static_cast<void>(handler_stack);
// UNTIL:     return Errno{ENOSYS};
// UNTIL: }

// Makes an interrupted system call start over once user mode is reached.
void restart_system_call(TrapFrame& frame) {
    frame.sepc -= 4;
    frame.a0 = current_user_thread().restart_a0;
}

// Stops until SIGCONT or SIGKILL, telling the parent. Where that has come since the signal was taken,
// the stop is over as soon as it has been told.
void stop_process(int signal) {
    Process& process = current_process();
    Signals& signals = process.signals;
    {
        SpinGuard guard(tree_lock);
        process.state = ProcessState::kStopped;
        process.stop_signal = signal;
        process.has_news = true;
        notify_parent(process, CLD_STOPPED, signal);
    }
    {
        SpinGuard guard(signals.lock);
        wait_until(process.continued, signals.lock,
                   [&]() REQUIRES(signals.lock) { return !signals.stopping; });
    }
    SpinGuard guard(tree_lock);
    process.state = ProcessState::kAlive;
    process.has_news = !signals.kill_pending();
    if (process.has_news) notify_parent(process, CLD_CONTINUED, SIGCONT);
}

// The default action; returns if the process lives on.
void act_by_default(Signals& signals, int signal) {
    if ((signal_bit(signal) & kStopSignals) != 0) return stop_process(signal);
    {
        SpinGuard guard(signals.lock);
        if (signals.ignores(signal)) return;
    }
    trace_event(PTRACE_EVENT_EXIT, static_cast<u64>(signal));
    exit_process(signal);
}

}  // namespace

bool on_alternate_stack(const stack_t& stack, u64 sp) {
    u64 start = reinterpret_cast<u64>(stack.ss_sp);
    return (stack.ss_flags & SS_DISABLE) == 0 && sp > start && sp - start <= stack.ss_size;
}

void deliver_signals(TrapFrame& frame) {
    Signals& signals = current_process().signals;
    UserThread& thread = current_user_thread();
    bool interrupted = exchange(thread.interrupted_call, false) && frame.scause == kUserEcall &&
                       frame.a0 == static_cast<u64>(-EINTR);
    Delivery delivery;
    while (take_signal(signals, delivery)) {
        if (!pass_tracer(signals, delivery) || delivery.action.sa_handler == SIG_IGN) continue;
        if (delivery.action.sa_handler == SIG_DFL) {
            act_by_default(signals, delivery.info.si_signo);
            continue;
        }
        bool restarts =
            thread.restarts_after_handler && (delivery.action.sa_flags & SA_RESTART) != 0;
        if (exchange(interrupted, false) && restarts) restart_system_call(frame);
        thread.kept_deadline = thread.resumed_deadline = 0;  // the handler's own calls come first
        // Where the stack does not take the frame, there is none to report on either.
        if (!push_signal_frame(delivery, frame).ok()) exit_process(SIGSEGV);
        enter_handler_mask(signals, delivery);
    }
    if (interrupted) {  // no handler ran
        restart_system_call(frame);
        thread.resumed_deadline = thread.kept_deadline;
    }
    thread.kept_deadline = 0;
}

// BEGIN SOLUTION(files.sigreturn)
// Takes back what push_signal_frame saved. The frame is the program's to forge: only registers that
// user mode may set anyway come from it.
static Result<i64> sys_rt_sigreturn() {
    TrapFrame& frame = current_user_frame();
    Owned<struct rt_sigframe> saved = TRY(make<struct rt_sigframe>());
    if (!current_process().space->copy_in(VirtAddr(frame.sp), saved.get(), sizeof *saved).ok()) {
        force_signal(SIGSEGV, SEGV_MAPERR, frame.sp);
        return static_cast<i64>(frame.a0);
    }
    const mcontext_t& context = saved->uc.uc_mcontext;
    frame.sepc = context.gregs[REG_PC];
    for (unsigned i = 1; i < 32; i++) frame.x(i) = context.gregs[i];
    UserThread& thread = current_user_thread();
    memcpy(thread.fp_registers().f, context.fpstate.f, sizeof(FpRegisters::f));
    thread.fp_registers().fcsr = context.fpstate.fcsr & 0xff;
    {
        InterruptsOff off;
        thread.load_fp(frame);
    }
    Signals& signals = current_process().signals;
    SpinGuard guard(signals.lock);
    signals.block(saved->uc.uc_sigmask);
    frame.scause = 0;  // whatever a0 says, no system call was interrupted
    return static_cast<i64>(frame.a0);
}
SYSCALL(rt_sigreturn);
// END SOLUTION
// STUB: static Result<i64> sys_rt_sigreturn() { panic("files.sigreturn: yours to write"); }
// STUB: SYSCALL(rt_sigreturn);
