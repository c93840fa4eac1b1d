// A process that is taken off its hart in the middle of a computation goes on with its registers.
#include "check.h"
#include "registers.h"

#define CHILDREN 6

static unsigned seed;
static volatile int *done;

// Spins with its registers until the parent says so: the timer switches between them meanwhile.
static void spin(void) {
    struct registers before, after;
    fill_registers(&before, seed);
    after = before;
    spin_with_registers(&after, done);
    for (int n = 0; n < 32; n++) CHECK_IS(after.x[n], before.x[n]);
    for (int n = 0; n < 32; n++) CHECK_IS(after.f[n], before.f[n]);
    CHECK_IS(after.fcsr, before.fcsr);
}

int main(void) {
    pid_t children[CHILDREN];
    done = new_pages(1, MAP_SHARED);
    for (seed = 1; seed <= CHILDREN; seed++) children[seed - 1] = start_child(spin);
    nap(200);
    *done = 1;
    for (int i = 0; i < CHILDREN; i++) CHECK_IS(wait_for(children[i]), 0);
    return 0;
}
