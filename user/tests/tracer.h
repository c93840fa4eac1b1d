// What the tests of ptrace share: a child that is traced, and its stops.
#pragma once

#include <sys/ptrace.h>

#include "check.h"

// A child that runs `body` traced by this process, stopped before its first instruction.
static inline pid_t start_traced(void (*body)(void)) {
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        CHECK_OK(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
        raise(SIGSTOP);
        body();
        _exit(0);
    }
    int status;
    CHECK_IS(CHECK_OK(waitpid(child, &status, 0)), child);
    CHECK_IS(status, W_STOPCODE(SIGSTOP));
    CHECK_OK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACESYSGOOD));
    return child;
}

// Lets it go on and returns the status that it comes to next.
static inline int go_on(pid_t child, int request, long signal) {
    CHECK_OK(ptrace(request, child, NULL, (void *)signal));
    return wait_for(child);
}

#define CALL_STOP W_STOPCODE(SIGTRAP | 0x80)

// Lets it go on to the next system call with this number, and says what is known of it there.
static inline struct ptrace_syscall_info next_call(pid_t child, uint64_t number) {
    struct ptrace_syscall_info info;
    for (;;) {
        CHECK_IS(go_on(child, PTRACE_SYSCALL, 0), CALL_STOP);
        CHECK_OK(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info));
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == number) return info;
    }
}

// And out of the call that it has stopped in.
static inline struct ptrace_syscall_info end_of_call(pid_t child) {
    struct ptrace_syscall_info info;
    CHECK_IS(go_on(child, PTRACE_SYSCALL, 0), CALL_STOP);
    CHECK_OK(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info));
    CHECK_IS(info.op, PTRACE_SYSCALL_INFO_EXIT);
    return info;
}
