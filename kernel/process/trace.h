// Stops of a traced process (ptrace(2)): at each signal, and if its tracer asks for it at system calls,
// forks and exec. There the tracer looks at it, which it learns of by wait4, and lets it go on. Either
// may end at any time: the processes of a tracer that ends go on untraced, and SIGKILL ends a stop.
#pragma once
#include "abi/ptrace.h"
#include "process/process.h"

// Stops of the current process; each does nothing if nobody traces it.
// At a signal: returns the one to act on instead, 0 for none.
int trace_signal(const siginfo_t& info);
// At a system call. False: it is not to be made, as the process has been killed meanwhile.
bool trace_call_entry();
void trace_call_exit();
// PTRACE_EVENT_…: after execve or a fork, or before the process ends.
void trace_event(int event, u64 message);
// A forked child that has not started yet is traced as its parent is, if the tracer asks for that.
void trace_child(Process& child, int event);

void begin_trace_locked(Process& process, Process& tracer) REQUIRES(tree_lock);
// Nobody traces it any more; if it has stopped for its tracer it goes on. Does nothing if untraced.
void end_trace_locked(Process& process) REQUIRES(tree_lock);
// A zombie that its tracer has let go is its parent's to wait for.
void hand_over_zombie_locked(Process& process) REQUIRES(tree_lock);
// When a tracer ends.
void end_all_traces_locked(Process& tracer) REQUIRES(tree_lock);
