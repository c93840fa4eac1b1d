// Processes that share a hart keep their own registers, integer and floating-point.
#include "check.h"
#include "registers.h"

static unsigned seed;

static void compute(void) {
    struct registers before, after;
    for (int round = 0; round < 200; round++) {
        fill_registers(&before, seed);
        after = before;
        call_with_registers(&after, SYS_sched_yield, 0, 0);
        for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
        for (int n = 0; n < 32; n++) CHECK_IS(after.f[n], before.f[n]);
        CHECK_IS(after.fcsr, before.fcsr);
    }
}

int main(void) {
    pid_t children[6];
    for (seed = 1; seed <= 6; seed++) children[seed - 1] = start_child(compute);
    for (int i = 0; i < 6; i++) CHECK_IS(wait_for(children[i]), 0);
    return 0;
}
