// ptrace(): the system call, but that the PEEK requests return what they have read.
#include <stdarg.h>
#include <sys/ptrace.h>

#include "libc.h"

long ptrace(int request, ...) {
    va_list arguments;
    va_start(arguments, request);
    pid_t pid = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);
    long word = 0;
    if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA)
        return sys_ptrace(request, pid, address, data);
    return sys_ptrace(request, pid, address, &word) < 0 ? -1 : word;
}
