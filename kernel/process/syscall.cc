// The dispatcher of system calls. See syscall.h.
#include "process/syscall.h"

#include "cpu/console.h"
#include "cpu/init.h"
#include "process/user_thread.h"

namespace {

constexpr u32 kCalls = 512;

constinit Array<const SyscallEntry*, kCalls> calls{};
constinit Array<bool, kCalls> missed{};

void fill_table() {
    for (const SyscallEntry& entry : TABLE(SyscallEntry, syscall)) {
        if (entry.number >= kCalls || calls[entry.number] != nullptr) {
            panic("system call %u (%s) is defined twice or out of range", entry.number, entry.name);
        }
        calls[entry.number] = &entry;
    }
}
INIT(Stage::kProcesses, fill_table);

constexpr struct {
    u32 number;
    const char* name;
} kNames[] = {
#define SYSCALL_ROW(number, name, arguments) {number, #name},
#include "abi/syscall_names.inc"
#undef SYSCALL_ROW
};

// By itself, so that the dispatcher saves no registers for it.
[[gnu::noinline]] Result<i64> report_missing(u64 number) {
    if (number >= kCalls || !exchange(missed[number], true)) {
        const char* name = "unknown";
        for (const auto& row : kNames) {
            if (row.number == number) name = row.name;
        }
        log_quietly("process %d (%s): system call %lu (%s) is not there\n", current_process().pid,
                    current_process().name, number, name);
    }
    return Errno{ENOSYS};
}

// False: they end with EINTR for good when a handler has run, whatever that wants: signal(7).
bool restarts_after_handler(u64 number) {
    switch (number) {
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_ppoll:
    case SYS_pselect6:
    case SYS_rt_sigsuspend:
    case SYS_rt_sigtimedwait: return false;
    default: return true;
    }
}

}  // namespace

// BEGIN SOLUTION(user.syscall_dispatch)
void dispatch_syscall(TrapFrame& frame) {
    u64 number = frame.a7;
    u64 first_argument = frame.a0;
    bool known = number < kCalls && calls[number] != nullptr;
    Result<i64> result = known ? calls[number]->call(frame) : report_missing(number);
    // The one place where an error number becomes negative.
    frame.a0 = static_cast<u64>(result.ok() ? *result : -i64{result.error().number});
    if (!result.ok() && result.error().number == EINTR) [[unlikely]] {
        UserThread& thread = current_user_thread();
        thread.interrupted_call = true;
        thread.restarts_after_handler = restarts_after_handler(number);
        thread.restart_a0 = first_argument;
    }
}
// END SOLUTION
// STUB: void dispatch_syscall(TrapFrame&) {
// STUB:     static_cast<void>(report_missing), static_cast<void>(restarts_after_handler);
// STUB:     panic("user.syscall_dispatch: yours to write");
// STUB: }
