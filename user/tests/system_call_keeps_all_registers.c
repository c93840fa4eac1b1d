// A system call changes a0 and no other register, integer or floating-point.
#include "check.h"
#include "registers.h"

int main(void) {
    long numbers[] = {SYS_getppid, SYS_sched_yield, 5000};
    for (unsigned i = 0; i < COUNT_OF(numbers); i++) {
        struct registers before, after;
        fill_registers(&before, i + 1);
        after = before;
        call_with_registers(&after, numbers[i], 0, 0);
        for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
        for (int n = 0; n < 32; n++) CHECK_IS(after.f[n], before.f[n]);
        CHECK_IS(after.fcsr, before.fcsr);
    }
    return 0;
}
