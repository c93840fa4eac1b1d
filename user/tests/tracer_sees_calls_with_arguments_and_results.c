// A tracer learns of each system call of its child: number and arguments at the entry, the result at
// the exit, and what the child's memory holds meanwhile.
// not-on-qemu-user: it has no ptrace
#include "tracer.h"

static const char path[] = "/no/such/file";

static void body(void) {
    (void)openat(AT_FDCWD, path, O_RDWR);
    close(1234);
    getppid();
}

int main(void) {
    pid_t child = start_traced(body);
    struct ptrace_syscall_info info = next_call(child, SYS_openat);
    CHECK_IS(info.arch, AUDIT_ARCH_RISCV64);
    CHECK_IS((int)info.entry.args[0], AT_FDCWD);
    CHECK_IS(info.entry.args[1], path);
    CHECK_IS(info.entry.args[2] & O_ACCMODE, O_RDWR);
    long word;
    memcpy(&word, path, sizeof word);
    errno = 0;
    CHECK_IS(ptrace(PTRACE_PEEKDATA, child, (void *)path, NULL), word);
    CHECK_IS(errno, 0);
    CHECK_FAILS(ptrace(PTRACE_PEEKDATA, child, NULL, NULL), EIO);
    CHECK_FAILS(ptrace(PTRACE_PEEKDATA, child, KERNEL_ADDRESS, NULL), EIO);
    info = end_of_call(child);
    CHECK_IS(info.exit.rval, -ENOENT);
    CHECK_IS(info.exit.is_error, 1);

    next_call(child, SYS_close);
    CHECK_IS(end_of_call(child).exit.rval, -EBADF);

    // What fits is written, and how much there would be is told.
    next_call(child, SYS_getppid);
    memset(&info, 0xff, sizeof info);
    CHECK_IS(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)1, &info), 80);
    CHECK_IS(info.op, PTRACE_SYSCALL_INFO_ENTRY);
    CHECK_IS(info.pad[0], 0xff);
    CHECK_FAILS(ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)80, KERNEL_ADDRESS), EFAULT);
    info = end_of_call(child);
    CHECK_IS(info.exit.rval, getpid());
    CHECK_IS(info.exit.is_error, 0);
    CHECK_IS(go_on(child, PTRACE_CONT, 0), 0);
    return 0;
}
