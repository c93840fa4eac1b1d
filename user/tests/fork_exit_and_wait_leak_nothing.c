// Starting a process, letting it end or killing it, and waiting for it gives back all that it took.
// goose-only: looks at goose's counters.
#include "counters.h"

static void touch_and_end(void) {
    memset(new_pages(8, MAP_PRIVATE), 'x', 8 * PAGE);
    memset(new_pages(2, MAP_SHARED), 'x', 2 * PAGE);
    CHECK_OK(open("/", O_RDONLY));
}

static void wait_for_signal(void) {
    memset(new_pages(8, MAP_PRIVATE), 'x', 8 * PAGE);
    for (;;) pause();
}

static void cycle(void) {
    CHECK_PASSES(touch_and_end);
    pid_t child = start_child(wait_for_signal);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
}

int main(void) {
    check_leaks_nothing(cycle);
    return 0;
}
