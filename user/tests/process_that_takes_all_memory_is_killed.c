// Where there is no memory left the process that has most of it is killed, others go on, and all of
// it is free again.
// goose-only: on Linux the machine would be filled too.
#include "counters.h"

static void take_all(void) {
    for (;;) memset(new_pages(256, MAP_PRIVATE), 'x', 256 * PAGE);
}

int main(void) {
    long before = free_frames();
    CHECK_KILLED(take_all, SIGKILL);
    for (int i = 0; before - free_frames() > before / 10; i++) {
        CHECK(i < 200);
        nap(10);
    }
    return 0;
}
