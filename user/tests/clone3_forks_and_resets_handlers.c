// clone3 makes a child as clone does, tells its number where asked, and with CLONE_CLEAR_SIGHAND
// starts it without handlers; what is not there is refused.
// not-on-qemu-user: it has no clone3
#include "check.h"

static void handler(int signal) {
    (void)signal;
}

static long clone3(struct clone_args *arguments, size_t size) {
    return syscall(SYS_clone3, arguments, size);
}

int main(void) {
    on_signal(SIGUSR1, handler);
    CHECK(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
    for (int clear = 0; clear <= 1; clear++) {
        int number = 0;
        struct clone_args arguments = {
            .flags = CLONE_PARENT_SETTID | (clear ? CLONE_CLEAR_SIGHAND : 0),
            .parent_tid = (unsigned long)&number,
            .exit_signal = SIGCHLD,
        };
        pid_t child = (pid_t)CHECK_OK(clone3(&arguments, sizeof arguments));
        if (child == 0) {
            if (handler_of(SIGUSR2) != SIG_IGN) _exit(2);
            _exit(handler_of(SIGUSR1) == handler);
        }
        CHECK_IS(number, child);
        CHECK_IS(wait_for(child), W_EXITCODE(!clear, 0));
    }
    struct {
        struct clone_args known;
        unsigned long more[3];
    } longer = {.known.exit_signal = SIGCHLD};
    CHECK_FAILS(clone3(&longer.known, 56), EINVAL);
    CHECK_FAILS(clone3(&longer.known, PAGE + 8), E2BIG);
    CHECK_FAILS(clone3(KERNEL_ADDRESS, sizeof longer.known), EFAULT);
    longer.known.stack_size = PAGE;
    CHECK_FAILS(clone3(&longer.known, sizeof longer.known), EINVAL);
    return 0;
}
