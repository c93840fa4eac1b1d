// A signal that comes to a program in the middle of a computation leaves all its registers alone.
#include "check.h"
#include "registers.h"

static volatile int came;
static pid_t parent;

static void handler(int signal) {
    (void)signal;
    came = 1;
    spoil_registers();
}

static void send_soon(void) {
    nap(20);
    CHECK_OK(kill(parent, SIGUSR1));
}

int main(void) {
    parent = getpid();
    on_signal(SIGUSR1, handler);
    for (int i = 0; i < 3; i++) {
        struct registers before, after;
        came = 0;
        fill_registers(&before, (unsigned)i + 1);
        after = before;
        pid_t child = start_child(send_soon);
        spin_with_registers(&after, &came);
        for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
        for (int n = 0; n < 32; n++) CHECK_IS(after.f[n], before.f[n]);
        CHECK_IS(after.fcsr, before.fcsr);
        CHECK_IS(wait_for(child), 0);
    }
    return 0;
}
