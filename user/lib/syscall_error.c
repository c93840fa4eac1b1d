// The one place where a negative result of the kernel becomes errno: every system call stub comes
// here with it (tools/syscalls.awk).
#include <errno.h>

int errno;

long __syscall_error(long result);

long __syscall_error(long result) {
    errno = (int)-result;
    return -1;
}
