// Looking on while another process runs.
#pragma once

#include <abi/ptrace.h>
#include <sys/types.h>

typedef struct ptrace_syscall_info __ptrace_syscall_info;

// The PEEK requests return the word, which may be -1: errno tells, if it was 0 before.
long ptrace(int request, ...);
