// Between the files of signals (signals.cc, signal_delivery.cc): what a signal does to a process that
// has no handler for it. Reference: signal(7).
#pragma once
#include "process/process.h"

enum class DefaultAction : u8 { kTerminate, kIgnore, kStop, kContinue };
DefaultAction default_action(int signal);

// SIGCONT or SIGKILL has been sent: a stop that has begun, or is about to, must end.
void note_continue_request(Process& process);
