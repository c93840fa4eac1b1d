// After a handler has run, every integer register is as before it, whatever the handler did to
// them.
#include "check.h"
#include "registers.h"

static volatile int came;

static void handler(int signal) {
    (void)signal;
    came++;
    spoil_registers();
}

int main(void) {
    on_signal(SIGUSR1, handler);
    for (int i = 0; i < 3; i++) {
        struct registers before, after;
        fill_registers(&before, (unsigned)i + 1);
        after = before;
        call_with_registers(&after, SYS_kill, getpid(), SIGUSR1);
        CHECK_IS(came, i + 1);
        for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
    }
    return 0;
}
