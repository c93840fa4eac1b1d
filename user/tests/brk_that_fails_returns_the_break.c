// The brk system call answers with the current break where it cannot set the wanted one.
#include "check.h"

int main(void) {
    long now = syscall(SYS_brk, 0);
    CHECK_IS(now, sbrk(0));
    CHECK_IS(syscall(SYS_brk, 1), now);
    CHECK_IS(syscall(SYS_brk, KERNEL_ADDRESS), now);
    CHECK_IS(syscall(SYS_brk, -1), now);
    CHECK_IS(syscall(SYS_brk, now + PAGE), now + PAGE);
    return 0;
}
