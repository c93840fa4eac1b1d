// Stops for a tracer. See trace.h; what the tracer does meanwhile is in sys_ptrace.cc.
#include "process/trace.h"

#include "abi/wait.h"
#include "process/user_thread.h"

namespace {

constexpr i32 kCallMark = 0x80;  // PTRACE_O_TRACESYSGOOD

// False where nobody traces the process, or it is on its way out.
bool enter_stop(Process& process, Trace stop) {
    SpinGuard guard(tree_lock);
    if (process.tracer == nullptr) return false;
    {
        SpinGuard signals_guard(process.signals.lock);
        if ((process.signals.pending & signal_bit(SIGKILL)) != 0) return false;
        process.signals.trace_stopped = true;
    }
    stop.options = process.trace.options;
    if ((stop.options & PTRACE_O_TRACESYSGOOD) == 0) stop.status &= ~(kCallMark << 8);
    process.trace = stop;
    notify_parent(process, CLD_TRAPPED, WEXITSTATUS(stop.status) & ~kCallMark);
    return true;
}

// Stops until the tracer, its end or SIGKILL lets the process go on. Returns with which signal.
int stop_for_tracer(const Trace& stop) {
    Process& process = current_process();
    UserThread& thread = current_user_thread();
    thread.traces_calls = false;
    if (!enter_stop(process, stop)) return stop.resume_signal;
    {
        SpinGuard guard(process.signals.lock);
        wait_until(process.continued, process.signals.lock,
                   [&]() REQUIRES(process.signals.lock) { return !process.signals.trace_stopped; });
    }
    SpinGuard guard(tree_lock);
    process.trace.has_news = false;
    thread.traces_calls = process.trace.resume_to_call;
    return exchange(process.trace.resume_signal, 0);
}

Trace stop_of(i32 status, u8 call_stop, u64 message) {
    Trace stop;
    stop.status = W_STOPCODE(status);
    stop.has_news = true;
    stop.call_stop = call_stop;
    stop.message = message;
    stop.info = signal_info(SIGTRAP, status);
    return stop;
}

void stop_at(i32 status, u8 call_stop, u64 message) {
    int signal = stop_for_tracer(stop_of(status, call_stop, message));
    if (signal != 0) send_signal(current_process(), signal);
}

}  // namespace

int trace_signal(const siginfo_t& info) {
    Trace stop = stop_of(info.si_signo, PTRACE_SYSCALL_INFO_NONE, 0);
    stop.info = info;
    stop.resume_signal = info.si_signo;  // unless the tracer says something else
    return stop_for_tracer(stop);
}

bool trace_call_entry() {
    stop_at(SIGTRAP | kCallMark, PTRACE_SYSCALL_INFO_ENTRY, 0);
    return !current_process().signals.kill_pending();
}

void trace_call_exit() { stop_at(SIGTRAP | kCallMark, PTRACE_SYSCALL_INFO_EXIT, 0); }

void trace_event(int event, u64 message) {
    Process& process = current_process();
    bool traced, wanted;
    {
        SpinGuard guard(tree_lock);
        traced = process.tracer != nullptr;
        wanted = (process.trace.options & (1u << event)) != 0;
    }
    if (!traced) return;
    if (wanted) {
        stop_at(SIGTRAP | event << 8, PTRACE_SYSCALL_INFO_NONE, message);
    } else if (event == PTRACE_EVENT_EXEC) {
        send_signal(process, signal_info(SIGTRAP, SI_USER, process.pid));
    }
}

void trace_child(Process& child, int event) {
    SpinGuard guard(tree_lock);
    Process& parent = *child.parent;
    if (parent.tracer == nullptr || (parent.trace.options & (1u << event)) == 0) return;
    child.trace.options = parent.trace.options;
    begin_trace_locked(child, *parent.tracer);
    send_signal(child, SIGSTOP);
}

void begin_trace_locked(Process& process, Process& tracer) {
    process.tracer = &tracer;
    tracer.tracees.push_back(process);
    SpinGuard guard(process.signals.lock);
    process.signals.traced = true;
}

// The signal of its stop is delivered; but where that is SIGSTOP, by which tracing began, nobody
// might ever continue it.
void end_trace_locked(Process& process) {
    if (process.tracer == nullptr) return;
    process.tracee_node.unlink();
    process.tracer = nullptr;
    i32 signal = process.trace.resume_signal;
    process.trace = Trace{};
    process.trace.resume_signal = signal == SIGSTOP ? 0 : signal;
    SpinGuard guard(process.signals.lock);
    process.signals.traced = process.signals.trace_stopped = false;
    process.continued.wake_all();
}

void hand_over_zombie_locked(Process& process) {
    bool killed = WIFSIGNALED(process.wait_status);
    notify_parent(process, killed ? CLD_KILLED : CLD_EXITED,
                  killed ? WTERMSIG(process.wait_status) : WEXITSTATUS(process.wait_status));
}

void end_all_traces_locked(Process& tracer) {
    while (Process* process = tracer.tracees.front()) {
        bool kill = (process->trace.options & PTRACE_O_EXITKILL) != 0;
        end_trace_locked(*process);
        if (kill) send_signal(*process, SIGKILL);
        if (process->state == ProcessState::kZombie) hand_over_zombie_locked(*process);
    }
}
