// A forked child starts with the parent's registers, floating-point ones and rounding mode
// included, and the parent keeps its own.
#include "check.h"
#include "registers.h"

int main(void) {
    struct registers before, after;
    fill_registers(&before, 3);
    // clone(SIGCHLD, 0, …): the arguments after the second are meant only with flags.
    after = before;
    pid_t parent = getpid();
    call_with_registers(&after, SYS_clone, SIGCHLD, 0);
    for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
    for (int n = 0; n < 32; n++) CHECK_IS(after.f[n], before.f[n]);
    CHECK_IS(after.fcsr, before.fcsr);
    if (getpid() != parent) _exit(0);
    int status;
    CHECK(wait(&status) > 0);
    CHECK_IS(status, 0);
    return 0;
}
